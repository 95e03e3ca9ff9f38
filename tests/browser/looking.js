// What a page must not do to who looks at it. Each function answers a list of sentences, empty if all is well.
(() => {
  const CONTROLS = "a[href], button, input, select, textarea, summary, [role=button], [tabindex='0']";
  const SLACK = 1.5;

  const styleOf = (element) => getComputedStyle(element);

  /** Short enough to be read in a failure, long enough to be found. */
  function called(element) {
    const text = (element.innerText ?? element.value ?? "").trim().replaceAll(/\s+/g, " ").slice(0, 40);
    const id = element.id ? `#${element.id}` : "";
    const classes = [...element.classList].map((each) => `.${each}`).join("");
    return `<${element.localName}${id}${classes}> "${text || element.getAttribute("aria-label") || element.name || ""}"`;
  }

  /** What of a box can be seen: what boxes around it cut off is not. Scrolled boxes cut off as well. */
  function visible(element, box = element.getBoundingClientRect()) {
    let { left, top, right, bottom } = box;
    for (let each = element; each && each !== document.body; each = each.parentElement) {
      const style = styleOf(each);
      if (each !== element && style.overflow !== "visible") {
        const around = each.getBoundingClientRect();
        if (style.overflowX !== "visible") [left, right] = [Math.max(left, around.left), Math.min(right, around.right)];
        if (style.overflowY !== "visible") [top, bottom] = [Math.max(top, around.top), Math.min(bottom, around.bottom)];
      }
      if (style.position === "fixed") break;
    }
    return { left, top, right, bottom, width: right - left, height: bottom - top };
  }

  const shown = (element) =>
    element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true, contentVisibilityAuto: true }) &&
    !element.closest(".unseen, .skip, [hidden], [inert]");

  /** The page itself never scrolls sideways. */
  function overflowing() {
    const page = document.scrollingElement;
    if (page.scrollWidth <= page.clientWidth) return [];
    const wide = [...document.body.querySelectorAll("*")].filter(
      (each) => shown(each) && visible(each).right > page.clientWidth + 1,
    );
    const worst = wide.filter((each) => !wide.some((other) => other !== each && each.contains(other)));
    return [`${page.scrollWidth} px wide in ${page.clientWidth}: ${worst.slice(0, 3).map(called).join(", ")}`];
  }

  /** The box that cuts this text off without a way to read the rest: no ellipsis, no title, no scrolling. */
  function cutting(element, box) {
    for (let each = element; each && each !== document.body; each = each.parentElement) {
      const style = styleOf(each);
      if (style.position === "fixed" || each.title || each.ariaLabel) return null;
      const around = each.getBoundingClientRect();
      const sideways = box.right > around.right + SLACK || box.left < around.left - SLACK;
      const down = box.bottom > around.bottom + SLACK || box.top < around.top - SLACK;
      const hides = (value) => value === "hidden" || value === "clip";
      if (each.matches("button, [role=button], .chip, .pill") && sideways) return each;
      if (style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none") return null;
      if ((hides(style.overflowX) && sideways) || (hides(style.overflowY) && down)) return each;
      if (style.overflow !== "visible") return null;
    }
    return null;
  }

  /** No text is cut off. */
  function clipped() {
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!node.data.trim() || !shown(element) || element.closest("select, script, style, svg")) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        const by = box.width > 1 && cutting(element, box);
        if (by) found.add(`"${node.data.trim().slice(0, 40)}" is cut off by ${called(by)}`);
      }
    }
    return [...found];
  }

  /** What lies above the rest of the page on purpose. */
  function layer(element) {
    for (let each = element; each && each !== document.body; each = each.parentElement) {
      const style = styleOf(each);
      if (["fixed", "sticky"].includes(style.position) || each.matches("dialog, [popover]")) return each;
      if (style.position === "absolute" && style.zIndex !== "auto") return each;
    }
    return document.body;
  }

  /** No control lies on another. Those of `[data-crowded]` may: bars of a board that clash do. */
  function overlapping() {
    const boxes = [...document.querySelectorAll(CONTROLS)]
      .filter((each) => shown(each) && each.type !== "hidden" && !each.closest("[data-crowded]"))
      // A link in a text may be in two lines: a box for each.
      .flatMap((each) => [...each.getClientRects()].map((box) => ({ each, box: visible(each, box), layer: layer(each) })))
      .filter(({ box }) => box.width > 2 && box.height > 2)
      .sort((a, b) => a.box.top - b.box.top);
    const found = [];
    boxes.forEach((one, index) => {
      for (const two of boxes.slice(index + 1)) {
        if (two.box.top > one.box.bottom - 2) break;
        const wide = Math.min(one.box.right, two.box.right) - Math.max(one.box.left, two.box.left);
        const high = Math.min(one.box.bottom, two.box.bottom) - Math.max(one.box.top, two.box.top);
        if (wide < 2 || high < 2 || one.layer !== two.layer) continue;
        if (one.each.contains(two.each) || two.each.contains(one.each)) continue;
        found.push(`${called(one.each)} and ${called(two.each)} overlap`);
      }
    });
    return found;
  }

  const look = (element) => {
    const { outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor } = styleOf(element);
    const outline = outlineStyle === "none" || parseFloat(outlineWidth) < 1 ? "" : outlineStyle + outlineWidth;
    return [outline, boxShadow, borderColor, backgroundColor].join("|");
  };

  /** Whatever can have the focus shows that it has it, and says what it is. A few of each kind are tried. The
   * last thing pressed must have been a key: only then does Chromium show the focus that a script sets. */
  function unfocused() {
    const tried = new Map();
    const found = [];
    for (const each of document.querySelectorAll(CONTROLS)) {
      if (!shown(each) || each.disabled || each.type === "hidden" || each.tabIndex < 0) continue;
      const kind = `${each.localName}${each.type ?? ""}.${each.className}`;
      tried.set(kind, (tried.get(kind) ?? 0) + 1);
      if (tried.get(kind) > 2) continue;
      document.activeElement.blur();
      const before = look(each);
      each.focus({ preventScroll: true, focusVisible: true });
      if (document.activeElement !== each) continue;
      if (look(each) === before) found.push(`${called(each)} does not show that it has the focus`);
      const generic = !each.matches("a, button, input, select, textarea, summary");
      if (generic && !each.ariaLabel && !each.getAttribute("aria-labelledby") && !each.innerText?.trim())
        found.push(`${called(each)} can have the focus, but no name`);
    }
    document.activeElement.blur();
    return found;
  }

  globalThis.looking = { overflowing, clipped, overlapping, unfocused };
})();
