// The page, put together.

import { AnswerView } from "./answer.js";
import { fetchCards, predict } from "./api.js";
import { download, toCsv } from "./csv.js";
import { curlCommand } from "./curl.js";
import { byId } from "./dom.js";
import { Inquiry } from "./latest_request.js";
import { takeIn } from "./file_input.js";
import { ModelsView } from "./models.js";
import { Notice } from "./notice.js";
import { Pad } from "./pad.js";
import { persist } from "./retry.js";
import { SeenView } from "./seen.js";
import { Stack } from "./batch_view.js";
import { percent, range } from "./format.js";

const notice = new Notice(byId("notice"));
const inquiry = new Inquiry();
const answerView = new AnswerView();
const seenView = new SeenView(askAgain);
const modelsView = new ModelsView(() => (askAgain(), stack.empty || stack.askAgain(modelsView.name)));
const stack = new Stack(notice, { selected: look, finished: speak });
const pad = new Pad(byId("pad"), byId("caption"), (settled) => {
  if (pad.empty) forget();
  else ask({ name: null, toBlob: () => pad.toPng(), settled });
});

let subject = null; // what the answer on the page is about: {name, toBlob, settled}

function ask(about) {
  subject = about;
  inquiry.ask(async (signal) => {
    await ready;
    const blob = await about.toBlob();
    try {
      await answer(about, blob, signal);
    } catch (error) {
      if (signal.aborted || error.passing === undefined) throw error;
      blank();
      notice.tell(error.message);
    }
  });
}

function askAgain() {
  if (subject) ask(subject);
}

async function answer({ name, settled }, blob, signal) {
  const get = (options) => persist(() => predict(blob, { ...options, signal }), signal, notice);
  const model = modelsView.name;
  const include = seenView.explains ? ["input", "explanation"] : ["input"];
  const { answer, milliseconds } = await get({ model, include });
  answerView.show(answer, milliseconds);
  seenView.show(answer);
  modelsView.show(answer.model.name, answer);
  byId("curl").textContent = await curlCommand(blob, name, model, include);
  if (settled) speak(`${answer.digit}, ${percent(answer.confidence)}, ${answer.decision}`);
  for (const other of modelsView.others) modelsView.show(other, (await get({ model: other })).answer);
}

/** Show one picture and ask about it. */
function look(file) {
  pad.show(file);
  ask({ name: file.name, toBlob: async () => file, settled: true });
}

async function take(files) {
  await ready;
  if (files.length === 1 && stack.empty) look(files[0]);
  else stack.add(files, modelsView.name);
}

function blank() {
  answerView.reset();
  seenView.reset();
  modelsView.reset();
}

function forget() {
  subject = null;
  inquiry.cancel();
  notice.clear();
  blank();
  byId("curl").textContent = "Draw or choose something first.";
}

/** Say something to a screen reader. */
function speak(text) {
  byId("live").textContent = text;
}

async function copy() {
  const text = byId("curl").textContent;
  try {
    await navigator.clipboard.writeText(text);
    speak("Copied");
  } catch {
    getSelection().selectAllChildren(byId("curl"));
    speak("Selected; copy it with the keyboard");
  }
}

function exportCsv() {
  download(toCsv(stack.rows()), `digits-${new Date().toISOString().slice(0, 10)}.csv`);
  stack.saved = true;
}

byId("undo").addEventListener("click", () => pad.undo());
byId("clear").addEventListener("click", () => pad.clear());
byId("copy").addEventListener("click", copy);
byId("export").addEventListener("click", exportCsv);
byId("discard").addEventListener("click", () => (stack.clear(), pad.clear()));
byId("photo").hidden = !navigator.maxTouchPoints; // where there are fingers, there is a camera
takeIn([byId("upload"), byId("camera")], document.body, take);

addEventListener("keydown", (event) => {
  if (document.activeElement === document.body && !stack.empty) stack.press(event);
  else if ((event.ctrlKey || event.metaKey) && event.key === "z") pad.undo();
});
addEventListener("beforeunload", (event) => stack.saved || event.preventDefault());

const { signal: never } = new AbortController();
const ready = persist(() => fetchCards(never), never, notice).then((cards) => {
  modelsView.setCards(cards);
  answerView.setLabels(modelsView.labels);
  stack.setLabels(modelsView.labels);
  byId("range").textContent = range(modelsView.labels);
});
