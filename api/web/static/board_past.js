// The board as it was at another moment: the slider that goes from one to the next. Sent with such a board only.
"use strict";

(() => {
  const slider = document.getElementById("board-moment");
  const moments = JSON.parse(document.getElementById("board-moments").textContent);

  /** Goes to a moment: the address says it, and the board is put in as it was then. */
  function go() {
    const [instant, name] = moments[slider.value];
    slider.ariaValueText = name;
    document.querySelector(".board-past output").textContent = name;
    const url = new URL(location.href);
    url.searchParams.set("as_of", instant);
    history.replaceState(history.state, "", url);
    for (const link of document.querySelectorAll('a[data-keep][href*="as_of="]')) {
      const to = new URL(link.href);
      to.searchParams.set("as_of", instant);
      link.href = to;
    }
    for (const field of document.querySelectorAll(".board-tools [name=as_of]")) field.value = instant;
    document.dispatchEvent(new CustomEvent("board:stale"));
  }

  slider.addEventListener("input", go);
})();
