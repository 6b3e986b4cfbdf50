'use strict';
// The browser's own tooltips come late, and not at all on a touch screen.
const tip = document.getElementById('tip');
let shown = null;
document.addEventListener('pointerover', event => {
  const shape = event.target.closest('svg g, svg.strip rect');
  const title = shape === null ? null : shape.querySelector(':scope > title, title');
  if (shown !== null) shown.node.prepend(shown.title);
  shown = null;
  tip.hidden = title === null;
  if (title !== null) {
    tip.textContent = title.textContent;
    // While it is away, the browser does not show it a second time.
    shown = { node: shape, title };
    title.remove();
  }
});
document.addEventListener('pointermove', event => {
  tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)) + 'px';
  tip.style.top = Math.max(4, Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 8)) + 'px';
});
const button = document.getElementById('download');
button.hidden = false;
button.addEventListener('click', () => {
  const data = document.getElementById('data').textContent;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([data], { type: 'application/json' }));
  link.download = 'tidemark-report.json';
  link.click();
  URL.revokeObjectURL(link.href);
});
