/** What the server tells, as the pages use it. */

/** @typedef {{ flag: "pick" | "reject" | null, stars: number }} Mark */
/**
 * @typedef {{ id: string, name: string, version: string, width: number, height: number, focus: [number, number],
 *   taken_at: string | null, pending: boolean, unreadable: string | null, faces: number, mark: Mark, result: any }} Photo
 */
/**
 * @typedef {{ id: string, title: string, kind: "folder" | "session", folder: string | null, photos: number | null,
 *   faces: number | null, pending: number, missing: string[], cover: Photo[], notes: string[], mayCopy?: boolean }} Album
 */
/** @typedef {{ id: string, name: string | null, cover: string, photos: number, hidden: boolean, category: string, born: number | null }} Person */
/** @typedef {{ id: string, photo: string, photo_name: string, version: string, name: string | null, confirmed?: boolean }} Face */
/**
 * @typedef {{ id: string, kind: string, album: string, state: "queued" | "running" | "done" | "failed" | "cancelled",
 *   progress: { done: number, total: number, words: string }, result: any,
 *   problem: { detail: string, advice?: string } | null, created_at: string }} Job
 */
/** @typedef {{ name: string, file: File }} SentFile */
/** @typedef {{ total: number, photos: Photo[], [more: string]: any }} Page */
/** @typedef {(offset: number, limit: number, options?: RequestInit) => Promise<Page>} LoadPage */
/**
 * What a view is shown with.
 * @typedef {object} About
 * @property {HTMLElement} main
 * @property {Album} album
 * @property {URLSearchParams} query
 * @property {() => boolean} isShown
 * @property {(take: (files: SentFile[]) => void) => void} onDrop
 * @property {(work: () => void) => void} jobsDone
 * @property {(work: () => void) => void} jobsAtWork
 * @property {() => Promise<Person[]>} [peopleFor]
 * @property {string} [id]
 */

export {};
