import { fileURLToPath } from 'node:url'

/** The bundled model's folder: this package itself, laid out as Hugging Face lays out models. */
export const folder = fileURLToPath(new URL('..', import.meta.url))

/** Its name in listings. */
export const name = 'weft-base'
