/** What signals are called, as make config prints it from the table in ranker/signals.py. */
export const SIGNALS = {
  sharpness: "Sharp",
  smile: "Smile",
  eyes_open: "Eyes open",
  facing: "Facing the camera",
  exposure: "Light",
  size: "Size",
  visible: "Not covered",
  not_cut: "Not cut off",
  expression: "Expression",
};
