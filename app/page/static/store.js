// Storage of the work in this browser (IndexedDB), so that it survives a reload and a closed tab.

const NAME = "digitserve";
const TABLES = ["files", "entries"]; // apart, so that a verdict does not write the picture again

export class Store {
  #channel = new BroadcastChannel(NAME);

  /** `onFailure()` is called if the browser stores nothing, `onClear()` if another tab deletes everything. */
  constructor({ onFailure, onClear }) {
    this.onFailure = onFailure;
    this.opened = open();
    this.opened.catch(onFailure);
    this.#channel.onmessage = onClear;
  }

  /** Return the stored entries with their files, in the order in which they were added. */
  async all() {
    const [files, entries] = await this.#run("readonly", (tables) => tables.map((table) => table.getAll())) ?? [[], []];
    const byId = new Map(files.map(({ id, file }) => [id, file]));
    return entries.filter(({ id }) => byId.has(id)).map((entry) => ({ ...entry, file: byId.get(entry.id) }));
  }

  add(entries) {
    return this.#run("readwrite", ([files, states]) => entries.map((entry) => {
      files.put({ id: entry.id, file: entry.file });
      return states.put(stateOf(entry));
    }));
  }

  save(entry) {
    return this.#run("readwrite", ([, states]) => [states.put(stateOf(entry))]);
  }

  clear() {
    this.#channel.postMessage("clear");
    return this.#run("readwrite", (tables) => tables.map((table) => table.clear()));
  }

  /** Run requests in one transaction; return their results, or null if the browser refuses. */
  async #run(mode, work) {
    try {
      const transaction = (await this.opened).transaction(TABLES, mode);
      const requests = work(TABLES.map((name) => transaction.objectStore(name)));
      transaction.commit(); // at once: a reload right after a key press must not abort it
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      return requests.map(({ result }) => result);
    } catch {
      this.onFailure();
      return null;
    }
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => TABLES.forEach((name) => request.result.createObjectStore(name, { keyPath: "id" }));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function stateOf({ file, ...state }) {
  return state;
}
