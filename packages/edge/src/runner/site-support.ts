/**
 * How a backend serves something: `exact`, with the numbers of Weft's own runner up to rounding; `approximate`, with others that come close; or
 * `refused`, with an error that says why. Nothing is left out in silence.
 */
export interface Support {
  support: 'exact' | 'approximate' | 'refused'
  why: string
}

/** The same, of what acts at one site. */
export interface SiteSupport extends Support {
  site: string
}
