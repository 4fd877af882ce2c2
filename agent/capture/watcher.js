// Set up in every page before its own scripts: notes closed shadow roots, and that something moved.
(() => {
  const roots = new WeakMap(), attach = Element.prototype.attachShadow;
  Object.defineProperty(globalThis, Symbol.for('interarec.roots'), {value: roots});
  Element.prototype.attachShadow = function (how) {
    const root = attach.call(this, how);
    if (how && how.mode === 'closed') roots.set(this, root);
    return root;
  };
  const seen = {changes: 0, active: Date.now()};
  Object.defineProperty(globalThis, Symbol.for('interarec.seen'), {value: seen});
  const options = {capture: true, passive: true};
  for (const kind of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'scroll', 'touchstart'])
    addEventListener(kind, e => { if (e.isTrusted) seen.active = Date.now(); }, options);
  for (const kind of ['load', 'input', 'change', 'transitionend']) addEventListener(kind, () => seen.changes++, options);
  const watch = () => new MutationObserver(() => seen.changes++).observe(
    document, {subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['class', 'style', 'src', 'hidden', 'open']});
  if (document.documentElement) watch(); else addEventListener('DOMContentLoaded', watch);
})();
