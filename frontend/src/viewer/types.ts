/** What the server sends and takes, as the API documents it. */

/** Column and row in image pixels from the top left corner of the first pixel, as decimal strings. */
export type Point = readonly [x: string, y: string];

export type Kind = "box" | "polygon";

export interface Mark {
  readonly instance_uid: string;
  readonly tracking_id: string;
  readonly label: string;
  readonly kind: Kind;
  readonly instance: string;
  readonly frame: number;
  readonly points: readonly Point[];
  readonly revision: number | null;
  readonly content_hash: string | null;
  readonly author: string | null;
}

export interface Label {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
  readonly color: number;
  readonly kinds: readonly Kind[];
}

export interface Item {
  readonly id: string;
  readonly state: string;
  readonly version: number;
  readonly mode: "annotate" | "review" | "view";
  readonly subject: string;
  readonly title: string;
  readonly series: string;
  readonly protocol: { readonly name: string; readonly version: number };
  readonly labels: readonly Label[];
  readonly annotations: readonly Mark[];
  readonly draft: { readonly saved_at: string; readonly annotations: readonly Mark[] } | null;
  readonly nothing_to_mark: boolean;
  readonly returned: { readonly reason: string; readonly by: string; readonly at: string } | null;
  readonly urls: {
    readonly draft: string | null;
    readonly submit: string | null;
    readonly review: string | null;
    readonly sign: string | null;
    readonly back: string;
  };
}

export interface Frame {
  readonly index: number;
  readonly instance: string;
  readonly frame: number;
  readonly url: string;
  readonly rows: number;
  readonly columns: number;
  /** Millimetres between rows, then between columns. */
  readonly spacing: readonly [row: number, column: number] | null;
  readonly calibrated: boolean;
  readonly orientation: readonly number[] | null;
  readonly position: readonly number[] | null;
}

export interface Series {
  readonly id: string;
  readonly subject: string;
  readonly modality: string;
  readonly title: string;
  readonly plane: string;
  readonly is_volume: boolean;
  readonly slice_spacing: string | null;
  readonly inverted: boolean;
  readonly samples: 1 | 3;
  readonly dtype: "int16" | "float32" | "uint8";
  readonly window: readonly [centre: string, width: string];
  readonly windows: readonly (readonly [centre: string, width: string])[];
  readonly window_source: string;
  readonly unit: string;
  readonly frames: readonly Frame[];
}

/** How the image was looked at when the work was saved. */
export interface Viewed {
  readonly window: readonly [string, string];
  readonly zoom: string;
  readonly frames_seen: readonly number[];
  readonly milliseconds: number;
}

export interface Saved {
  readonly saved_at: string;
}

export interface Decided {
  readonly version: number;
  readonly state: string;
  readonly sign_url?: string | null;
  readonly next_url?: string | null;
}

export type Tool = "select" | "pan" | "zoom" | "window" | Kind;
