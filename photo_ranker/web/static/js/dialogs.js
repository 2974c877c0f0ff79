/**
 * Dialogs over the page: each has an entry of its own in the browser's history, so that Back closes it.
 *
 * The history tells how many should be open (`history.state.dialogs`), this file how many are.
 */

const open = [];
const toasts = document.getElementById("toasts");

const wanted = () => history.state?.dialogs || 0;

/**
 * Show a dialog; ``close`` is what Escape, Back and another view run.
 * Gives the function with which ``close`` takes the dialog away; its promise holds when the history agrees.
 */
export function openDialog(dialog, close) {
  const one = { dialog, close };
  open.push(one);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  document.body.append(dialog);
  dialog.showModal();
  raiseToasts();
  if (wanted() < open.length) history.pushState({ dialogs: open.length }, "");
  return () => {
    if (open.includes(one)) {
      open.splice(open.indexOf(one), 1);
      raiseToasts();
      dialog.close();
      dialog.remove();
    }
    return agree();
  };
}

/** Close every dialog: another view is shown. */
export function closeDialogs() {
  closeDownTo(0);
}

/** Go to another view from a dialog; Back leads to the view below it, not to the closed dialog. */
export function leaveFor(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // a tab of its own
  event.preventDefault();
  const { href } = event.currentTarget;
  if (href === location.href) closeDialogs();
  else location.replace(href);
}

function closeDownTo(number) {
  while (open.length > number) open[open.length - 1].close();
}

/** All but the topmost dialog is out of reach, so that is where notes must be. */
function raiseToasts() {
  (open.at(-1)?.dialog || document.body).append(toasts);
}

/** Leave the entries of closed dialogs. Later, as a dialog may open in the place of one that closes. */
function agree() {
  return new Promise((resolve) => {
    setTimeout(() => {
      if (wanted() <= open.length) {
        resolve();
        return;
      }
      addEventListener("popstate", () => resolve(), { once: true });
      history.go(open.length - wanted());
    });
  });
}

addEventListener("popstate", () => {
  closeDownTo(wanted());
  agree(); // Forward leads to a dialog that is gone
});
agree(); // and so does a reload
