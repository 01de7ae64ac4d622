// Nothing here is needed to read the page: it copies, filters, opens what is linked to, and turns light into dark.
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const kept = (value) => {
    try {
      return value === undefined ? localStorage.getItem("sliceproof-theme") : localStorage.setItem("sliceproof-theme", value);
    } catch {
      return null; // a page in a file may have no storage
    }
  };
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const before = kept();
  if (before === "dark" || before === "light") root.dataset.theme = before;

  const opened = (target) => {
    for (let each = target; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
  };
  const reach = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    target.hidden = false;
    target.closest(".requirement")?.removeAttribute("hidden");
    opened(target);
    target.scrollIntoView();
    if (target.matches(".finding")) target.querySelector("summary").focus({ preventScroll: true });
  };
  const say = (text) => { document.getElementById("said").textContent = text; };

  const copy = async (button) => {
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    say("Copied");
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  };

  const filter = (form) => {
    const asked = [...new FormData(form)].filter(([, value]) => value);
    let shown = 0;
    for (const each of document.querySelectorAll(".finding")) {
      each.hidden = asked.some(([key, value]) => each.dataset[key] !== value);
      shown += !each.hidden;
    }
    for (const each of document.querySelectorAll("section.requirement")) {
      each.hidden = !each.querySelector(".finding:not([hidden])");
    }
    const all = document.querySelectorAll(".finding").length;
    document.getElementById("count").textContent = shown === all ? `${all} findings` : `${shown} of ${all} findings`;
  };

  addEventListener("DOMContentLoaded", () => {
    const theme = document.getElementById("theme");
    const tell = () => { theme?.setAttribute("aria-pressed", String(dark())); };
    theme?.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; kept(root.dataset.theme); tell(); });
    tell();
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.classList.contains("copy")) copy(button);
      if (button?.dataset.all) {
        for (const each of document.querySelectorAll(".finding:not([hidden])")) each.open = button.dataset.all === "open";
      }
    });
    const form = document.getElementById("filter");
    form?.addEventListener("change", () => filter(form));
    form?.addEventListener("submit", (event) => event.preventDefault());
    addEventListener("hashchange", reach);
    reach();
  });
  addEventListener("beforeprint", () => { for (const each of document.querySelectorAll("details")) each.open = true; });
})();
