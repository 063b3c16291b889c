import assert from "node:assert/strict";
import { hex, report, toSpec } from "./frames.ts";
import { inBothRoles, withPeers } from "./harness.ts";
import { untilPeers } from "./waiting.ts";

/** The envelopes of 28/REQREP as they really are on the wire, seen by a ROUTER or a DEALER on the other side. */
withPeers((it) => {
  inBothRoles(
    it,
    ["REQ", "ROUTER"],
    "a request is an empty frame and the body",
    async (scope, openReq, openRouter) => {
      const req = await openReq("REQ", { routingId: "client" });
      const router = await openRouter("ROUTER");
      await scope.join(router, req);
      await req.send([["one", "two"]]);
      assert.deepEqual(await router.receive(1), [report(["client", "", "one", "two"])]);
      await router.send([["client", "", "reply"]]);
      assert.deepEqual(await req.receive(1), [["'reply'"]]);
    },
  );

  inBothRoles(
    it,
    ["REQ", "ROUTER"],
    "correlate: a reply with another id is none",
    async (scope, openReq, openRouter) => {
      const req = await openReq("REQ", { routingId: "client", correlate: true });
      const router = await openRouter("ROUTER");
      await scope.join(router, req);
      await req.send([["question"]]);
      const [[client, id, ...rest]] = await router.receive(1);
      assert.deepEqual([client, ...rest], ["'client'", "''", "'question'"]);
      await router.send([
        ["client", hex("deadbeef"), "", "to another question"],
        ["client", toSpec(id), "", "answer"],
      ]);
      assert.deepEqual(await req.receive(1), [["'answer'"]]);
    },
  );

  inBothRoles(
    it,
    ["REQ", "ROUTER"],
    "relaxed and correlate: the second request counts",
    async (scope, openReq, openRouter) => {
      const req = await openReq("REQ", { relaxed: true, correlate: true, routingId: "client" });
      const router = await openRouter("ROUTER");
      await scope.join(router, req);
      await req.send([["first"]]);
      const [first] = await router.receive(1);
      await req.send([["second"]]);
      const [second] = await router.receive(1);
      assert.notEqual(first[1], second[1]);
      await router.send([first.map(toSpec), second.map(toSpec)]);
      assert.deepEqual(await req.receive(1), [["'second'"]]);
    },
  );

  inBothRoles(
    it,
    ["REP", "DEALER"],
    "the envelope comes back, however long",
    async (scope, openRep, openDealer) => {
      const rep = await openRep("REP");
      const dealer = await openDealer("DEALER");
      await scope.join(rep, dealer);
      const envelope = ["a", hex("00ff"), "b".repeat(255), ""];
      await dealer.send([[...envelope, "body", "", "tail"]]);
      assert.deepEqual(await rep.receive(1), [report(["body", "", "tail"])]);
      await rep.send([["answer"]]);
      assert.deepEqual(await dealer.receive(1), [report([...envelope, "answer"])]);
    },
  );

  inBothRoles(
    it,
    ["REP", "DEALER"],
    "a request without an empty frame is passed over",
    async (scope, openRep, openDealer) => {
      const rep = await openRep("REP");
      const dealer = await openDealer("DEALER");
      await scope.join(rep, dealer);
      await dealer.send([["no delimiter"], ["none", "either"], ["", "good"]]);
      assert.deepEqual(await rep.receive(1), [["'good'"]]);
      await rep.send([["answer"]]);
      assert.deepEqual(await dealer.receive(1), [report(["", "answer"])]);
    },
  );

  inBothRoles(it, ["REP", "REQ"], "lock-step is enforced", async (scope, openRep, openReq) => {
    const rep = await openRep("REP");
    const req = await openReq("REQ");
    await scope.join(rep, req);
    await assert.rejects(rep.send([["early"]], 50), { code: /EFSM|EAGAIN/ });
    await req.send([["question"]]);
    await assert.rejects(req.send([["impatient"]], 50), { code: /EFSM|EAGAIN/ });
    assert.deepEqual(await rep.receive(1), [["'question'"]]);
    await rep.send([["answer"]]);
    assert.deepEqual(await req.receive(1), [["'answer'"]]);
  });

  inBothRoles(
    it,
    ["REP", "REQ"],
    "a requester that has gone takes its reply along",
    async (scope, openRep, openReq) => {
      const rep = await openRep("REP", {}, { monitor: true });
      const hasty = await openReq("REQ");
      const patient = await openReq("REQ");
      const endpoint = await scope.join(rep, hasty);
      await hasty.send([["hasty"]]);
      assert.deepEqual(await rep.receive(1), [["'hasty'"]]);
      await untilPeers(rep, 1);
      await hasty.close();
      await untilPeers(rep, 0);
      await rep.send([["too late"]]);
      await patient.connect(endpoint);
      const [answer] = await Promise.all([patient.exchange([["patient"]]), rep.echo(1)]);
      assert.deepEqual(answer, [["'patient'"]]);
    },
  );

  inBothRoles(
    it,
    ["REQ", "REP"],
    "requests take turns over the repliers",
    async (scope, openReq, openRep) => {
      const req = await openReq("REQ", {}, { monitor: true });
      const endpoint = await req.bind(scope.endpoint());
      const repliers = await Promise.all([1, 2, 3].map(() => openRep("REP")));
      for (const rep of repliers) await rep.connect(endpoint);
      await untilPeers(req, 3);
      const [answers, ...counts] = await Promise.all([
        req.exchange(Array.from({ length: 30 }, (_, index) => [`${index}`])),
        ...repliers.map((rep) => rep.echo(10)),
      ]);
      assert.deepEqual(
        answers,
        Array.from({ length: 30 }, (_, index) => [`'${index}'`]),
      );
      assert.deepEqual(counts, [10, 10, 10]);
    },
  );
});
