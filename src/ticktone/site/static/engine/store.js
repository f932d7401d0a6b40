// Where songs are kept: in this site's private folder on the disk, or in memory where a browser has
// none (or none for private windows).
// @ts-check

const ROOT = "ticktone";
const PIECE = 2 ** 22; // bytes of a file copied at a time

/** @returns {Promise<Store>} */
export async function openStore() {
  try {
    const top = await navigator.storage.getDirectory();
    const root = await top.getDirectoryHandle(ROOT, { create: true });
    const store = new DiskStore(root);
    await store.check();
    return store;
  } catch {
    return new MemoryStore();
  }
}

/** @implements {Store} */
class DiskStore {
  /** @param {FileSystemDirectoryHandle} root */
  constructor(root) {
    this._root = root;
    this.lasts = true;
  }

  // Fails where a file cannot be written as it is here.
  async check() {
    const file = await this.create(".check", "file");
    file.close();
    await this.remove(".check");
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  async create(id, name) {
    const folder = await this._root.getDirectoryHandle(id, { create: true });
    const file = await folder.getFileHandle(name, { create: true });
    const handle = await file.createSyncAccessHandle();
    handle.truncate(0);
    let at = 0;
    /** @param {Uint8Array} bytes */
    const write = (bytes) => {
      const written = handle.write(bytes, { at });
      at += written;
      if (written < bytes.length) throw new Error("there is no room left for it on this device");
    };
    return { write, close: () => handle.close() };
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {Blob} content
   */
  async put(id, name, content) {
    const file = await this.create(id, name);
    try {
      for (let at = 0; at < content.size; at += PIECE) {
        file.write(new Uint8Array(await content.slice(at, at + PIECE).arrayBuffer()));
      }
    } finally {
      file.close();
    }
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  async file(id, name) {
    try {
      const folder = await this._root.getDirectoryHandle(id);
      return await (await folder.getFileHandle(name)).getFile();
    } catch {
      return null;
    }
  }

  async list() {
    const names = [];
    for await (const name of this._root.keys()) names.push(name);
    return names;
  }

  /** @param {string} id */
  async remove(id) {
    await this._root.removeEntry(id, { recursive: true }).catch(() => {}); // gone, or in use
  }
}

/** @implements {Store} */
class MemoryStore {
  constructor() {
    /** @type {Map<string, Map<string, Blob>>} */
    this._folders = new Map();
    this.lasts = false;
  }

  /** @param {string} id */
  _folder(id) {
    if (!this._folders.has(id)) this._folders.set(id, new Map());
    return this._folders.get(id);
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  async create(id, name) {
    /** @type {Blob[]} */
    const pieces = [];
    /** @param {Uint8Array} bytes */
    const write = (bytes) => {
      pieces.push(new Blob([/** @type {BlobPart} */ (bytes)]));
    };
    const close = () => {
      this._folder(id).set(name, new Blob(pieces));
    };
    return { write, close };
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {Blob} content
   */
  async put(id, name, content) {
    this._folder(id).set(name, content);
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  async file(id, name) {
    return this._folders.get(id)?.get(name) ?? null;
  }

  async list() {
    return [...this._folders.keys()];
  }

  /** @param {string} id */
  async remove(id) {
    this._folders.delete(id);
  }
}
