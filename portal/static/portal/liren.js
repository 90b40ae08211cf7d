// Small helps only: every page works without this file.
(() => {
  const messages = () => document.getElementById("messages");

  // A fragment that could not be fetched says so where messages appear.
  const tell = () => {
    const text = document.getElementById("failed");
    if (text && messages()) messages().replaceChildren(text.content.cloneNode(true));
  };
  document.addEventListener("htmx:responseError", tell);
  document.addEventListener("htmx:sendError", tell);
  document.addEventListener("htmx:timeout", tell);

  // A passkey that the device refused says so in the same place.
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const text = document.getElementById("passkey-failed");
    if (!text || !messages()) return;
    messages().replaceChildren(text.content.cloneNode(true));
    messages().scrollIntoView({ block: "nearest" });
  });

  // A swapped message is read out and seen.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === messages() && event.target.firstElementChild) {
      event.target.scrollIntoView({ block: "nearest" });
    }
  });

  // Menus close with Escape and with a click elsewhere.
  const close = (except) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(except)) menu.open = false;
    });
  };
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (menu) menu.querySelector("summary").focus();
    close(null);
  });

  // A filter is sent as soon as it is chosen; its button stays for those without JavaScript.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-send]");
    if (form) form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    // A demo account fills the sign-in form.
    const account = event.target.closest("[data-username]");
    if (account) {
      document.getElementById("id_login").value = account.dataset.username;
      document.getElementById("id_password").value = account.dataset.password;
      document.getElementById("id_password").form.requestSubmit();
    }
    if (event.target.closest("[data-print]")) window.print();
  });
})();
