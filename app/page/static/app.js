// Application: connects the views with the service.

import { AnswerView } from "./answer.js";
import { fetchCards, predict } from "./api.js";
import { BatchView } from "./batch_view.js";
import { download, toCsv } from "./csv.js";
import { curlCommand } from "./curl.js";
import { byId } from "./dom.js";
import { listenForFiles } from "./file_input.js";
import { confidence, digit, range } from "./format.js";
import { LatestRequest } from "./latest_request.js";
import { ModelInputView } from "./model_input.js";
import { ModelsView } from "./models.js";
import { Notice } from "./notice.js";
import { Pad } from "./pad.js";
import { withRetry } from "./retry.js";

const notice = new Notice(byId("notice"));
const latestRequest = new LatestRequest();
const answerView = new AnswerView();
const modelInputView = new ModelInputView(repeat);
const modelsView = new ModelsView(changeModel);
const batchView = new BatchView(notice, { onSelect: showPicture, onFinish: announce });
const pad = new Pad(byId("pad"), byId("caption"), (finished) => {
  if (pad.empty) reset();
  else request({ name: null, toBlob: () => pad.toPng(), finished });
});

let current = null; // picture of the answer on the page: {name, toBlob, finished}

/** Predict a picture, in place of the one before. */
function request(picture) {
  current = picture;
  latestRequest.schedule(async (signal) => {
    await ready;
    const blob = await picture.toBlob();
    try {
      await showAnswers(picture, blob, signal);
    } catch (error) {
      if (signal.aborted || error.transient === undefined) throw error;
      resetViews();
      notice.showError(error.message);
    }
  });
}

/** Show the labels of the selected model, and predict all pictures with it. */
function changeModel() {
  showLabels();
  repeat();
  if (!batchView.empty) batchView.repeatWith(modelsView.selected);
}

function showLabels() {
  answerView.setLabels(modelsView.labels);
  batchView.setLabels(modelsView.labels);
  byId("range").textContent = range(modelsView.labels);
}

/** Predict the current picture again, for example with another model. */
function repeat() {
  if (current) request(current);
}

async function showAnswers({ name, finished }, blob, signal) {
  const get = (options) => withRetry(() => predict(blob, { ...options, signal }), signal, notice);
  const model = modelsView.selected;
  const include = modelInputView.isExplaining ? ["input", "explanation"] : ["input"];
  const { answer, milliseconds } = await get({ model, include });
  answerView.show(answer, milliseconds);
  modelInputView.show(answer);
  modelsView.show(model, answer);
  byId("curl").textContent = await curlCommand(blob, name, model, include);
  if (finished) announce([digit(answer), confidence(answer), answer.decision].filter(Boolean).join(", "));
  for (const other of modelsView.others) modelsView.show(other, (await get({ model: other })).answer);
}

/** Display one picture file and predict it. */
function showPicture(file) {
  pad.show(file);
  request({ name: file.name, toBlob: async () => file, finished: true });
}

async function receiveFiles(files) {
  await ready;
  if (files.length === 1 && batchView.empty) showPicture(files[0]);
  else batchView.add(files, modelsView.selected);
}

function resetViews() {
  answerView.reset();
  modelInputView.reset();
  modelsView.reset();
}

function reset() {
  current = null;
  latestRequest.cancel();
  notice.clear();
  resetViews();
  byId("curl").textContent = "Draw or choose something first.";
}

/** Announce text to screen readers. */
function announce(text) {
  byId("live").textContent = text;
}

async function copy() {
  const text = byId("curl").textContent;
  try {
    await navigator.clipboard.writeText(text);
    announce("Copied");
  } catch {
    getSelection().selectAllChildren(byId("curl"));
    announce("Selected; copy it with the keyboard");
  }
}

function exportCsv() {
  download(toCsv(batchView.rows()), `digits-${new Date().toISOString().slice(0, 10)}.csv`);
  batchView.saved = true;
}

byId("undo").addEventListener("click", () => pad.undo());
byId("clear").addEventListener("click", () => pad.clear());
byId("copy").addEventListener("click", copy);
byId("export").addEventListener("click", exportCsv);
byId("discard").addEventListener("click", () => (batchView.clear(), pad.clear()));
byId("photo").hidden = !navigator.maxTouchPoints; // devices with a touch screen have a camera
listenForFiles([byId("upload"), byId("camera")], document.body, receiveFiles);

addEventListener("keydown", (event) => {
  if (document.activeElement === document.body && !batchView.empty) batchView.handleKey(event);
  else if ((event.ctrlKey || event.metaKey) && event.key === "z") pad.undo();
});
addEventListener("beforeunload", (event) => batchView.saved || event.preventDefault());

const { signal: neverAborted } = new AbortController();
const ready = withRetry(() => fetchCards(neverAborted), neverAborted, notice).then((cards) => {
  modelsView.setCards(cards);
  showLabels();
});
