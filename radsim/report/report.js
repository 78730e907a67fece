// Sorting and filtering of tables, and open sections on paper. Without it the page says all the same.
(function () {
  "use strict";
  document.documentElement.classList.add("scripted");

  function key(row, column) {
    var cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent.trim() : cell.dataset.sort;
  }

  // Numbers by size, text by the alphabet, what is empty last whichever way.
  function compare(a, b, down) {
    if (a === "" || b === "") { return (a === "") - (b === ""); }
    var x = Number(a), y = Number(b);
    var order = isNaN(x) || isNaN(y) ? a.localeCompare(b, "en", { numeric: true }) : x - y;
    return down ? -order : order;
  }

  function sort(table, column, heading) {
    var down = heading.getAttribute("aria-sort") === "ascending";
    var body = table.tBodies[0];
    var rows = Array.from(body.rows).map(function (row, place) { return { row: row, key: key(row, column), place: place }; });
    rows.sort(function (a, b) { return compare(a.key, b.key, down) || a.place - b.place; });
    rows.forEach(function (one) { body.appendChild(one.row); });
    table.querySelectorAll("th[aria-sort]").forEach(function (other) { other.removeAttribute("aria-sort"); });
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  }

  function addButtons(table) {
    Array.from(table.tHead.rows[0].cells).forEach(function (heading, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.append.apply(button, Array.from(heading.childNodes));
      button.addEventListener("click", function () { sort(table, column, heading); });
      heading.append(button);
    });
  }

  function addFilter(table) {
    var label = document.createElement("label"), input = document.createElement("input"), count = document.createElement("span");
    var line = document.createElement("p"), rows = Array.from(table.tBodies[0].rows);
    var words = rows.map(function (row) { return row.textContent.toLowerCase(); });
    input.type = "search";
    input.id = table.id + "-filter";
    label.htmlFor = input.id;
    label.textContent = table.dataset.filter;
    count.setAttribute("role", "status");
    line.className = "filter";
    line.append(label, input, count);
    table.parentNode.before(line);
    input.addEventListener("input", function () {
      var wanted = input.value.trim().toLowerCase(), shown = 0;
      rows.forEach(function (row, place) {
        row.hidden = words[place].indexOf(wanted) < 0;
        shown += !row.hidden;
      });
      count.textContent = wanted ? shown + " of " + rows.length : "";
    });
  }

  document.querySelectorAll("table[data-sortable]").forEach(addButtons);
  document.querySelectorAll("table[data-filter]").forEach(addFilter);

  // A link to a folded part, or to something inside it, opens it.
  function unfold() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var folded = target && (target.closest("details") || target.querySelector(":scope > details.part"));
    if (folded) { folded.open = true; }
  }
  window.addEventListener("hashchange", unfold);
  unfold();

  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.from(document.querySelectorAll("details:not([open]):not(.gentle)"));
    opened.forEach(function (one) { one.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (one) { one.open = false; });
    opened = [];
  });
})();
