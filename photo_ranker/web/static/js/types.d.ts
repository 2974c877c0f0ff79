/** What the scripts of the pages hand to each other, for the check of types (`make types-js`); no browser loads it. */

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

/** Why a photo is where it is in a ranking, or in the list of an event, which knows `scores` and `moment`. */
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
  faces: number;
  focus: [number, number];
  mark: Mark;
  result: Result | null;
  stack?: Stack | null;
  /** In an opened stack, below its top: the photo on top. */
  in_stack?: string | null;
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
}

export interface Detail {
  photo: Photo;
  camera: string | null;
  faces: FaceItem[];
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
  hold(value: boolean): void;
}
