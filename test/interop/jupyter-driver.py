# Drives a kernel with Python's jupyter_client: python3 jupyter-driver.py TRANSPORT FOLDER COMMAND...
# Prints what came of it, as one JSON value.

import json, os, sys, threading, time
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager

transport, folder, *command = sys.argv[1:]
patience = 30

spec = os.path.join(folder, "kernels", "ours")
os.makedirs(spec)
with open(os.path.join(spec, "kernel.json"), "w") as file:
    json.dump({"argv": [*command, "{connection_file}"], "display_name": "ours", "language": "javascript", "interrupt_mode": "message"}, file)

specs = KernelSpecManager(kernel_dirs=[os.path.join(folder, "kernels")])
manager = KernelManager(kernel_name="ours", kernel_spec_manager=specs, transport=transport)
manager.connection_file = os.path.join(folder, "kernel.json")
manager.start_kernel()
client = manager.blocking_client()
client.start_channels()
said = {}
try:
    client.wait_for_ready(timeout=patience)

    def run(code, on_output=None, answer=None):
        outputs = []

        def hear(message):
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "stream":
                # One print may come in pieces.
                outputs.append([content["name"], content["text"]])
            elif kind == "execute_result":
                outputs.append(["result", content["data"]["text/plain"]])
            elif kind == "error":
                outputs.append([content["ename"], content["evalue"]])
            if on_output and kind == "stream":
                on_output()

        def ask(request):
            outputs.append(["input", request["content"]["prompt"]])
            client.input(answer)

        reply = client.execute_interactive(
            code, output_hook=hear, stdin_hook=ask, allow_stdin=answer is not None, timeout=patience
        )["content"]
        return {"status": reply["status"], "count": reply["execution_count"], "outputs": outputs}

    said["info"] = client.kernel_info(reply=True, timeout=patience)["content"]
    said["cell"] = run("const six = 6; console.log('out'); console.error('err'); six * 7")
    said["later"] = run("six + 1")
    said["awaited"] = run("await new Promise((done) => setTimeout(done, 20)); console.log('waited')")
    said["error"] = run("undefinedName.x")
    said["syntax"] = run("let = =")
    said["large"] = len(run("console.log('x'.repeat(300000))")["outputs"][0][1])
    said["input"] = run("console.log(`hello, ${await input('Your name? ')}`)", answer="Ada")
    # What is printed comes before the cell ends, and SIGINT ends it; meanwhile its heart goes on beating.
    beating = []

    def interrupt():
        # It is asked each second, and has one to answer: on a busy machine it may miss a beat.
        for _ in range(10):
            time.sleep(1.5)
            if client.hb_channel.is_beating():
                break
        beating.append(client.hb_channel.is_beating())
        manager.interrupt_kernel()

    def interrupt_later():
        threading.Thread(target=interrupt).start()

    interrupted = []

    def interrupt_once():
        if not interrupted:
            interrupted.append(True)
            manager.interrupt_kernel()

    said["busy"] = run("console.log('busy'); for (;;);", on_output=interrupt_later)
    said["chatty"] = run(
        "for (;;) { console.log('more'); const end = Date.now() + 5; while (Date.now() < end); }",
        on_output=interrupt_once,
    )
    said["chatty"]["outputs"] = said["chatty"]["outputs"][-1]
    said["asleep"] = run(
        "console.log('asleep'); await new Promise(() => undefined)", on_output=manager.interrupt_kernel
    )
    said["beating"] = beating
    said["after"] = run("setTimeout(() => { throw new Error('late') }, 0); six")
    said["complete"] = client.complete("x = Math.ma", 11, reply=True, timeout=patience)["content"]
    said["nothing"] = client.complete("no.such.", 8, reply=True, timeout=patience)["content"]["matches"]

    def check(code):
        client.is_complete(code)
        return client.get_shell_msg(timeout=patience)["content"]["status"]

    said["checks"] = [check(code) for code in ["1 + 1", "function f() {", "let = ="]]
    said["history"] = client.history(
        hist_access_type="tail", n=2, raw=True, output=False, reply=True, timeout=patience
    )["content"]["history"]
    said["search"] = client.history(
        hist_access_type="search", pattern="six*", raw=True, output=False, reply=True, timeout=patience
    )["content"]["history"]
    # Who does not know the key is not heard.
    client.session.key = b"another"
    client.execute("process.exit()")
    client.session.key = manager.session.key
    said["still"] = run("six * 2")
    client.stop_channels()
    began = time.monotonic()
    manager.shutdown_kernel()
    said["shutdown"] = time.monotonic() - began < manager.shutdown_wait_time
finally:
    manager.shutdown_kernel(now=True)
print(json.dumps(said))
