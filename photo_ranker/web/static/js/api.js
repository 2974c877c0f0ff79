/** The server's API; every failure becomes an error with the server's message and advice. */

import { t } from "./words.js";

const MERE_QUESTION = /\/(rank|preview|standing|index|downloads)$/;

export class Failure extends Error {
  /** @param {{ detail?: string, title?: string, advice?: string, status?: number }} problem */
  constructor(problem) {
    super(problem.detail || problem.title || t("app.failed"));
    this.advice = problem.advice || "";
    this.status = problem.status || 0;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {BodyInit} [body]
 * @param {RequestInit} [options]
 * @returns {Promise<any>}
 */
async function send(method, path, body, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { method, body, credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure({ detail: t("app.noAnswer"), advice: t("app.noAnswerAdvice") });
  }
  if (answer.status === 401) {
    sessionStorage.setItem("place", location.hash); // the login leads to the first page, which continues from there
    // This page is about to be left, so the loss of a change is reported after the login.
    if (method !== "GET" && !MERE_QUESTION.test(path)) sessionStorage.setItem("unkept", "yes");
    location.assign("/login");
  }
  const isJson = (answer.headers.get("content-type") || "").includes("json");
  const told = isJson ? await answer.json() : null;
  if (!answer.ok) throw new Failure(told || { detail: answer.statusText, status: answer.status });
  return told;
}

/**
 * @param {string} method
 * @returns {(path: string, value?: unknown, options?: RequestInit) => Promise<any>}
 */
const json = (method) => (path, value, options = {}) =>
  send(method, path, value === undefined ? undefined : JSON.stringify(value), {
    headers: value === undefined ? {} : { "Content-Type": "application/json" },
    ...options,
  });

/**
 * @param {string} path
 * @param {RequestInit} [options]
 */
export const get = (path, options) => send("GET", path, undefined, options);
export const post = json("POST");
export const put = json("PUT");
export const patch = json("PATCH");
/** @param {string} path */
export const remove = (path) => send("DELETE", path);
/**
 * @param {string} path
 * @param {Blob} content
 * @param {RequestInit} [options]
 */
export const sendBytes = (path, content, options) =>
  send("POST", path, content, { headers: { "Content-Type": "application/octet-stream" }, ...options });

/**
 * Addresses of pictures.
 *
 * @param {string} album
 * @param {{ id: string, version: string }} photo
 * @param {"small" | "large" | "full"} [side]
 */
export const picture = (album, photo, side = "small") =>
  `/api/albums/${album}/photos/${photo.id}/pictures/${side}?v=${photo.version}`;
/**
 * @param {string} album
 * @param {{ id: string, version: string }} photo
 */
export const filmOf = (album, photo) => `/api/albums/${album}/photos/${photo.id}/film?v=${photo.version}`;
/**
 * @param {string} album
 * @param {string} face
 */
export const facePicture = (album, face) => `/api/albums/${album}/faces/${face}/picture`;
/**
 * @param {string} album
 * @param {string} reference
 * @param {number} number
 */
export const referencePicture = (album, reference, number) =>
  `/api/albums/${album}/references/${reference}/faces/${number}/picture`;
