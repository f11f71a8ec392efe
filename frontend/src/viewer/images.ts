/** Gives Cornerstone3D the images of a series: decoded pixels, and the few facts it asks for. */

import { Enums, type Types, utilities } from "@cornerstonejs/core";

import type { Frame, Series } from "./types.ts";

function pixels(series: Series, bytes: ArrayBuffer): Int16Array | Float32Array | Uint8Array {
  if (series.dtype === "float32") return new Float32Array(bytes);
  return series.dtype === "int16" ? new Int16Array(bytes) : new Uint8Array(bytes);
}

/** Wrap decoded pixels as an image; raises RangeError unless there are as many as there must be. */
export function makeImage(id: string, frame: Frame, series: Series, bytes: ArrayBuffer): Types.IImage {
  const values = pixels(series, bytes);
  if (values.length !== frame.rows * frame.columns * series.samples) {
    throw new RangeError("The server sent another number of pixels than the slice has.");
  }
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const colour = series.samples === 3;
  const [rowSpacing, columnSpacing] = frame.spacing ?? [1, 1];
  const voxelManager = utilities.VoxelManager.createImageVoxelManager({
    width: frame.columns,
    height: frame.rows,
    scalarData: values,
    numberOfComponents: series.samples,
  });
  return {
    imageId: id,
    minPixelValue: low,
    maxPixelValue: high,
    slope: 1,
    intercept: 0,
    windowCenter: colour ? 127.5 : (low + high) / 2,
    windowWidth: colour ? 256 : Math.max(high - low, 1),
    voiLUTFunction: Enums.VOILUTFunctionType.LINEAR,
    getPixelData: () => values,
    getCanvas: () => document.createElement("canvas"),
    voxelManager,
    rows: frame.rows,
    columns: frame.columns,
    height: frame.rows,
    width: frame.columns,
    color: colour,
    rgba: false,
    numberOfComponents: series.samples,
    dataType: values.constructor.name as Types.PixelDataTypedArrayString,
    columnPixelSpacing: columnSpacing,
    rowPixelSpacing: rowSpacing,
    invert: series.inverted,
    sizeInBytes: values.byteLength,
    preScale: { enabled: true, scaled: true },
  } as unknown as Types.IImage;
}

const BITS = { int16: 16, uint8: 8, float32: 32 } as const;

/** Answer what Cornerstone wants to know about one frame; undefined for what we do not know. */
export function facts(type: string, frame: Frame, series: Series): unknown {
  const bits = BITS[series.dtype];
  const [rowSpacing, columnSpacing] = frame.spacing ?? [1, 1];
  const orientation = frame.orientation ?? [1, 0, 0, 0, 1, 0];
  switch (type) {
    case "imagePixelModule":
      return {
        bitsAllocated: bits,
        bitsStored: bits,
        highBit: bits - 1,
        samplesPerPixel: series.samples,
        pixelRepresentation: series.samples === 3 ? 0 : 1,
        photometricInterpretation: series.samples === 3 ? "RGB" : "MONOCHROME2",
        rows: frame.rows,
        columns: frame.columns,
      };
    case "generalSeriesModule":
      return { modality: series.modality };
    case "imagePlaneModule":
      return {
        frameOfReferenceUID: series.id,
        imageOrientationPatient: orientation,
        rowCosines: orientation.slice(0, 3),
        columnCosines: orientation.slice(3),
        imagePositionPatient: frame.position ?? [0, 0, 0],
        rows: frame.rows,
        columns: frame.columns,
        rowPixelSpacing: rowSpacing,
        columnPixelSpacing: columnSpacing,
        pixelSpacing: [rowSpacing, columnSpacing],
      };
    case "modalityLutModule":
      return { rescaleSlope: 1, rescaleIntercept: 0 };
    case "voiLutModule":
      return { windowCenter: [Number(series.window[0])], windowWidth: [Number(series.window[1])] };
    default:
      return undefined;
  }
}
