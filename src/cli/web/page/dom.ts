// Elements: made, kept by key, and changed only where they differ.

const SVG = "http://www.w3.org/2000/svg";

type Attributes = Readonly<Record<string, string | number | null>>;

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  set(made, attributes);
  made.append(...children);
  return made;
}

export function drawing<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(SVG, name);
  set(made, attributes);
  made.append(...children);
  return made;
}

/** An element of the page itself. */
export function part<Type extends HTMLElement = HTMLElement>(id: string): Type {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}`);
  return found as Type;
}

export function set(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) target.removeAttribute(name);
    else if (target.getAttribute(name) !== String(value)) target.setAttribute(name, String(value));
  }
}

export function say(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** An element that shows an item, and shows its next state. */
export interface Kept<Item> {
  readonly root: Element;
  show(item: Item): void;
}

const children = new WeakMap<Element, Map<string, Kept<never>>>();

/** Makes the children of `parent` show the items, in their order: those of a known key stay what they are. */
export function keep<Item>(
  parent: Element,
  items: readonly Item[],
  keyOf: (item: Item) => string,
  make: (item: Item) => Kept<Item>,
): void {
  const before = (children.get(parent) ?? new Map()) as Map<string, Kept<Item>>;
  const after = new Map<string, Kept<Item>>();
  const focused = document.activeElement;
  for (const item of items) {
    const key = keyOf(item);
    const kept = before.get(key) ?? make(item);
    kept.show(item);
    after.set(key, kept);
  }
  for (const [key, kept] of before) if (!after.has(key)) kept.root.remove();
  let next = parent.firstElementChild;
  for (const { root } of after.values()) {
    if (root === next) next = next.nextElementSibling;
    else parent.insertBefore(root, next);
  }
  children.set(parent, after as unknown as Map<string, Kept<never>>);
  // What is moved loses the focus.
  if (focused !== document.activeElement && focused?.isConnected === true)
    (focused as HTMLElement | SVGElement).focus({ preventScroll: true });
}
