// A table that is too wide scrolls in a box of its own: let that be reached with the keyboard too.
document$.subscribe(() =>
  requestAnimationFrame(() =>
    document.querySelectorAll(".md-typeset__scrollwrap").forEach((box) => {
      box.tabIndex = 0;
    }),
  ),
);
