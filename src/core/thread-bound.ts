import { ZmqError } from "../base/errors.ts";

/**
 * Gives back what makes an object stay in its thread: posting it (`postMessage`, `workerData`, `structuredClone`) throws
 * at once and says what to do instead, where the host would make an empty object of it.
 *
 * Structured clone reads the object's own enumerable properties, so one of them refuses to be read. Printing shows that
 * it is there and does not read it, `JSON.stringify` asks `toJSON`. It costs 0.2 us an object. `onTried` hears of attempts.
 */
export function threadBound(remedy: string, onTried?: (object: never) => void): (object: object) => void {
  const facts: PropertyDescriptor = {
    enumerable: true,
    get(this: object): never {
      onTried?.(this as never);
      const name = this.constructor.name;
      const sentence = `This ${name} stays in the thread that made it: it can be neither posted nor copied.`;
      throw new ZmqError("ENOTSUP", sentence, { remedy });
    },
  };
  return (object) => void Object.defineProperty(object, "staysInThread", facts);
}
