// What the tests of the live page run in the browser. Each function is taken there as text: it sees nothing outside itself.

/** Whether anything was drawn. */
export function hasInk(canvas: Element): boolean {
  const { width, height } = canvas as HTMLCanvasElement;
  const { data } = (canvas as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, width, height) ?? {
    data: [],
  };
  return data.some((value, index) => index % 4 === 3 && value > 0);
}

/** Everything that should be reached with Tab, by name: what it is called here, and in which table it stands. */
export function tabStops(): string[] {
  const all = document.querySelectorAll<HTMLElement>('a[href], button, [tabindex="0"]');
  return [...all]
    .filter((one) => one.closest("dialog:not([open])") === null && one.getClientRects().length > 0)
    .map((one) => {
      const text = one.matches("a, button") ? one.textContent : "";
      const place = one.closest("table")?.id ?? one.getAttribute("aria-labelledby");
      return one.dataset["key"] ?? `${one.tagName} ${one.id} ${place} ${text}`;
    });
}

/** Which element has the focus, named as in `tabStops`, and whether that can be seen. Empty between the page's end and its beginning. */
export function focusState(): { name: string; isVisible: boolean } {
  const one = document.activeElement as HTMLElement | null;
  if (one === null || one === document.body) return { name: "", isVisible: false };
  const text = one.matches("a, button") ? one.textContent : "";
  const place = one.closest("table")?.id ?? one.getAttribute("aria-labelledby");
  const name = one.dataset["key"] ?? `${one.tagName} ${one.id} ${place} ${text}`;
  const marks = [one, ...one.querySelectorAll(".area, .plate")].map((mark) => getComputedStyle(mark));
  const isVisible = marks.some(
    (style) => (style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.strokeWidth === "2px",
  );
  return { name, isVisible };
}

/** Texts whose colour is too near to what is behind them: less than 4.5 to 1 (WCAG 2.1, 1.4.3 Contrast (Minimum)). */
export function contrastFaults(): string[] {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  /** Red, green, blue and opacity, 0 to 1, of any CSS colour. */
  const toColor = (text: string): number[] => {
    if (probe === null || text === "none") return [0, 0, 0, 0];
    probe.clearRect(0, 0, 1, 1);
    probe.fillStyle = text;
    probe.fillRect(0, 0, 1, 1);
    return [...probe.getImageData(0, 0, 1, 1).data].map((value) => value / 255);
  };
  const luminance = ([red = 0, green = 0, blue = 0]: number[]): number => {
    const [r = 0, g = 0, b = 0] = [red, green, blue].map((value) =>
      value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  /** What is behind an element: the first ground that lets nothing through. */
  const groundOf = (element: Element): number[] => {
    const frame =
      element.closest(".box")?.querySelector(".frame") ?? element.parentElement?.querySelector(".plate");
    if (element instanceof SVGElement && frame) return toColor(getComputedStyle(frame).fill);
    for (let above: Element | null = element; above !== null; above = above.parentElement) {
      const color = toColor(getComputedStyle(above).backgroundColor);
      if ((color[3] ?? 0) > 0.95) return color;
    }
    return [1, 1, 1, 1];
  };
  const faults: string[] = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some(
      (node) => node.nodeType === 3 && (node.textContent ?? "").trim() !== "",
    );
    if (!own || element.getClientRects().length === 0 || element.closest("script, noscript, .skip, .unseen"))
      continue;
    const style = getComputedStyle(element);
    const ink = luminance(toColor(element instanceof SVGElement ? style.fill : style.color));
    const ground = luminance(groundOf(element));
    const ratio = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
    if (ratio < 4.5)
      faults.push(
        `${ratio.toFixed(2)} ${element.tagName}.${element.getAttribute("class")} ${element.textContent}`,
      );
  }
  return faults;
}
