// Application: connects the views with the service.

import { AnswerView } from "./answer.js";
import { fetchCards, fetchLayouts, predict } from "./api.js";
import { BatchView } from "./batch_view.js";
import { download, toCsv } from "./csv.js";
import { curlCommand } from "./curl.js";
import { byId } from "./dom.js";
import { listenForFiles } from "./file_input.js";
import { confidence, digit, range } from "./format.js";
import { LatestRequest } from "./latest_request.js";
import { LayoutChoice } from "./layouts.js";
import { ModelInputView } from "./model_input.js";
import { ModelsView } from "./models.js";
import { Notice } from "./notice.js";
import { Pad } from "./pad.js";
import { withRetry } from "./retry.js";
import { Sending } from "./sending.js";
import { mayBeSheet } from "./sheet_file.js";
import { SheetView } from "./sheet_view.js";
import { toRows } from "./table.js";
import { Work } from "./work.js";

const notice = new Notice(byId("notice"));
const latestRequest = new LatestRequest();
const answerView = new AnswerView();
const modelInputView = new ModelInputView(repeat);
const modelsView = new ModelsView(changeModel);
const batchView = new BatchView({ onSelect: showPicture, onVerdict: (entry, verdict) => work.judge(entry, entry, verdict) });
const sheetView = new SheetView({ onVerdict: (...verdict) => work.judge(...verdict), onMark: markGrid, onUnmark: (...page) => work.unmark(...page), announce });
const layoutChoice = new LayoutChoice(changeLayout);
const work = new Work(notice, { onChange: showEntry, onFinish: finishWork, onClear: clearWork });
const sending = new Sending(work);
const pad = new Pad(byId("pad"), byId("caption"), (finished) => {
  if (pad.empty) reset();
  else request({ name: null, toBlob: () => pad.toPng(), finished });
});

let current = null; // picture of the answer on the page: {name, toBlob, finished}
let shown = null; // its entry in the work, or its file

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
  if (!work.empty) work.repeatWith(modelsView.selected);
}

/** Read the sheets again with another saved layout. */
function changeLayout(name) {
  work.layout = name;
  if (!work.empty) work.repeatWith(modelsView.selected);
}

function showLabels() {
  answerView.setLabels(modelsView.labels);
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

/** Display one picture file and predict it; `entry` is its place in the work. */
function showPicture(file, entry = file) {
  pad.show(file);
  shown = entry;
  byId("unboxed").hidden = false;
  mayBeSheet(file).then((searched) => (byId("searched").hidden = !searched));
  request({ name: file.name, toBlob: async () => file, finished: true });
}

/** Add files to the work; a single picture that is no sheet is displayed in place of a drawing. */
async function receiveFiles(files) {
  await ready;
  if (files.length > 1 || !work.empty) return work.add(files, modelsView.selected);
  reset();
  pad.show(files[0]);
  announce("Looking for boxes");
  await orNotice(async () => {
    const pages = await work.findSheet(files[0], modelsView.selected);
    if (pages) work.add(files, modelsView.selected, pages);
    else showPicture(files[0]);
  });
}

/** Read a grid that is marked on a page of a sheet. */
async function markGrid(entry, number, grid) {
  announce("Reading the marked boxes");
  await orNotice(() => work.mark(entry, number, grid));
  announce(byId("doing").textContent);
}

/** Make a sheet of the picture that is displayed, and show it for marking. */
async function markPicture() {
  const picture = shown;
  await orNotice(async () => {
    const entry = picture instanceof File ? work.add([picture], modelsView.selected, await work.findSheet(picture, modelsView.selected, { sheet: true }))[0] : picture;
    if (entry === picture) await work.makeSheet(entry);
    pad.clear();
    sheetView.showEntry(entry);
    byId("sheets").scrollIntoView();
  });
}

/** Do some work with the service; show its error. */
async function orNotice(work) {
  try {
    await work();
  } catch (error) {
    if (error.transient === undefined) throw error;
    notice.showError(error.message);
  }
}

function showEntry(entry) {
  batchView.update(entry);
  sheetView.update(work.entries);
  showProgress();
}

function finishWork() {
  batchView.sort();
  sheetView.selectFirstOpen();
  announce(showProgress());
}

function clearWork() {
  sending.stop();
  batchView.clear();
  sheetView.update([]);
  pad.clear();
  reset();
  showProgress();
}

/** Say in heading and title what is being done; return it. */
function showProgress() {
  const { open, waiting, items, stored } = work;
  const doing = waiting ? `Reading: ${waiting} of ${work.entries.length} files to go`
    : open ? `${open} of ${items.length} to check` : `All ${items.length} checked`;
  document.body.classList.toggle("checking", !work.empty);
  byId("drawing").hidden = !(byId("doing").hidden = byId("work").hidden = work.empty);
  byId("doing").textContent = doing;
  sending.update();
  byId("kept").hidden = !stored;
  byId("not-kept").hidden = stored;
  document.title = work.empty ? "digitserve" : `${doing} \u2013 digitserve`;
  return doing;
}

function resetViews() {
  answerView.reset();
  modelInputView.reset();
  modelsView.reset();
}

function reset() {
  current = shown = null;
  byId("unboxed").hidden = true;
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
  download(toCsv(toRows(work.entries)), `digits-${new Date().toISOString().slice(0, 10)}.csv`);
}

byId("undo").addEventListener("click", () => pad.undo());
byId("clear").addEventListener("click", () => pad.clear());
byId("copy").addEventListener("click", copy);
byId("mark-picture").addEventListener("click", markPicture);
byId("export").addEventListener("click", exportCsv);
byId("discard").addEventListener("click", () => work.clear());
byId("photo").hidden = !navigator.maxTouchPoints; // devices with a touch screen have a camera
listenForFiles([byId("upload"), byId("folder"), byId("camera")], document.body, receiveFiles);

addEventListener("keydown", (event) => {
  const view = [sheetView, batchView].find(({ empty }) => !empty);
  if (document.activeElement === document.body && view) view.handleKey(event);
  else if ((event.ctrlKey || event.metaKey) && event.key === "z") pad.undo();
});
addEventListener("beforeunload", (event) => work.stored || work.empty || event.preventDefault());

const { signal: neverAborted } = new AbortController();
const get = (what) => withRetry(() => what(neverAborted), neverAborted, notice);
const ready = Promise.all([get(fetchCards), get(fetchLayouts)]).then(async ([cards, layouts]) => {
  layoutChoice.setNames(layouts);
  modelsView.setCards(cards);
  showLabels();
  await work.restore(modelsView.selected);
  layoutChoice.value = work.layout;
});
