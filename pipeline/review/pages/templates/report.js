const today = new Date().toISOString().slice(0, 10);
for (const each of document.querySelectorAll("[data-since]")) {
  each.hidden = today < each.dataset.since || (each.dataset.until !== "" && today >= each.dataset.until);
}
