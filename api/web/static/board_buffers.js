// The time that rooms are held before and after each show, drawn on demand: it says why shows that do not
// touch clash all the same.
"use strict";

(() => {
  const KEY = "callboard.board.buffers";
  const box = document.getElementById("board-buffers");

  function draw() {
    board.root().querySelectorAll(".buffer").forEach((old) => old.remove());
    if (!box?.checked) return;
    for (const row of board.root().querySelectorAll("[data-row]")) {
      const lead = Number(row.dataset.lead ?? 0);
      const turnaround = Number(row.dataset.turnaround ?? 0);
      if (!lead && !turnaround) continue;
      const held = [...row.querySelectorAll(".bar:not(.cancelled)")].map((bar) => {
        const buffer = Object.assign(document.createElement("i"), { className: "buffer" });
        board.put(buffer, board.startOf(bar) - lead, lead + board.minutesOf(bar) + turnaround);
        return buffer;
      });
      board.trackOf(row).prepend(...held);
    }
  }

  if (box) {
    box.checked = localStorage.getItem(KEY) === "on";
    box.addEventListener("change", () => {
      localStorage.setItem(KEY, box.checked ? "on" : "off");
      draw();
    });
  }
  document.addEventListener("board:merged", draw);
  draw();
})();
