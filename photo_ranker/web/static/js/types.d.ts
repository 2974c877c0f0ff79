/** The types of what the pages' scripts hand to each other, for `make types-js`; no browser loads this file. */

/** Attributes and listeners of an element that `h` makes. */
export type Attributes = {
  [Name in keyof GlobalEventHandlersEventMap as `on${Name}`]?: (event: GlobalEventHandlersEventMap[Name] & { currentTarget: any; target: any }) => unknown;
} & { [name: string]: unknown };

export type Child = Node | string | null | undefined | false;

/** Left, top, width and height in pixels of the upright photo. */
export type Box = [number, number, number, number];

export interface Mark {
  flag: "pick" | "reject" | null;
  stars: number;
}

export type Signals = { [name: string]: number | null | undefined };

/** Why a photo is where it is in a ranking, or in the list of an event, which has `scores` and `moment`. */
export interface Result {
  rank: number;
  score: number;
  reasons: string[];
  against: string[];
  alternates?: string[];
  copies?: string[];
  face?: { id: string; box: Box };
  signals?: Signals;
  scores?: Signals;
  moment?: { number: number; label: string | null } | null;
  kind?: "single" | "group";
  people_in_photo?: number;
  similarity?: number;
  doubtful?: boolean;
  close_to?: number | null;
}

/** A cell that stands for several photos. */
export interface Stack {
  kind: "burst" | "copies";
  /** The photos of the stack, the best first: it is on top. */
  photos: Photo[];
  /** The others follow it, each in a cell of its own. */
  is_open: boolean;
}

export interface Photo {
  id: string;
  name: string;
  width: number;
  height: number;
  version: string;
  taken_at: string | null;
  unreadable: string | null;
  pending: boolean;
  is_film: boolean;
  faces: number;
  focus: [number, number];
  mark: Mark;
  /** How many guests have it among their favourites. */
  guests: number;
  result: Result | null;
  stack?: Stack | null;
  /** In an opened stack, below its top: the photo on top. */
  in_stack?: string | null;
}

/** What a stage needs of a photo. */
export type ShownPhoto = Pick<Photo, "id" | "name" | "width" | "height" | "version"> & { unreadable?: string | null };

/** A photo as guests see it. */
export interface GuestPhoto {
  id: string;
  name: string;
  width: number;
  height: number;
  version: string;
  favourite: boolean;
  can_download: boolean;
}

export interface GuestPage {
  title: string;
  person: string | null;
  total: number;
  favourites: number;
  may_find: boolean;
  with_place: boolean;
  photos: GuestPhoto[];
}

/** A link for guests as its owner sees it. */
export interface GuestLink {
  id: string;
  album: string;
  album_title: string;
  title: string;
  person: string | null;
  person_name: string | null;
  state: "open" | "expired" | "ended";
  created_at: string;
  expires_at: string;
  with_place: boolean;
  favourites: number;
  visits: { at: string; guest: number; what: "opened" | "favourite" | "downloaded" | "searched"; times: number }[];
  /** Of a link that was just made. */
  path?: string;
}

export interface Face {
  id: string;
  box: Box;
  size_px: number;
}

/** A face of a photo with what was measured of it and whose it is. */
export interface FaceItem {
  face: Face;
  signals: Signals;
  person: string | null;
  name: string | null;
  is_false: boolean;
  /** In a film: where the face was measured. */
  at_seconds: number | null;
}

export interface Detail {
  photo: Photo;
  camera: string | null;
  /** Of a film: the second that its picture shows. */
  moment: number | null;
  faces: FaceItem[];
}

/** What a photo was taken with, as its camera wrote it. */
export interface Shot {
  camera: string | null;
  lens: string | null;
  exposure_seconds: number | null;
  aperture: number | null;
  iso: number | null;
  focal_mm: number | null;
}

export interface BurstRow {
  person: string | null;
  name: string | null;
  /** The face in each frame; null where the person is not seen. */
  faces: (string | null)[];
}

export interface Burst {
  frames: Detail[];
  rows: BurstRow[];
}

export interface Person {
  id: string;
  name: string | null;
  cover: string;
  photos: number;
  hidden: boolean;
  category: string;
  born: number | null;
}

/** A face as the pages of people show it. */
export interface FaceInPhoto {
  id: string;
  photo: string;
  photo_name: string;
  version: string;
  name: string | null;
  confirmed?: boolean;
}

export interface Album {
  id: string;
  title: string;
  kind: "folder" | "session";
  is_sample: boolean;
  folder: string | null;
  photos: number | null;
  faces: number | null;
  pending: number;
  missing: string[];
  cover: Photo[];
  notes: string[];
  /** Whether photos may be copied to folders of this computer. */
  mayCopy?: boolean;
}

export interface Job {
  id: string;
  kind: string;
  album: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  progress: { done: number; total: number; words: string };
  result: any;
  problem: { detail: string; advice?: string } | null;
  created_at: string;
  ended_at: string | null;
}

/** A file on its way to the server. */
export interface SentFile {
  name: string;
  file: File;
}

export type LoadPage = (offset: number, limit: number, options: RequestInit) => Promise<PageOfPhotos>;

/** What a view is shown with. */
export interface About {
  main: HTMLElement;
  album: Album;
  query: URLSearchParams;
  isShown(): boolean;
  onDrop(take: (files: SentFile[]) => unknown): void;
  jobsDone(work: () => unknown): void;
  jobsAtWork(work: () => unknown): void;
}

/** Photos in an order, as a viewer steps through them. */
export interface Source {
  want(index: number): Promise<Photo | null>;
  readonly total: number;
}

export interface PageOfPhotos {
  total: number;
  photos: Photo[];
  [about: string]: any;
}

export interface Queue {
  want(image: HTMLImageElement, address: string): void;
  drop(image: HTMLImageElement): void;
  readonly isIdle: boolean;
  hold(value: boolean): void;
}
