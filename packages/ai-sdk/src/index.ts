export { type AnsweredBy, type Composition, type CompositionParts, compositionText } from '@weft/client'
export type { WeftOptions } from './options.ts'
export { createWeft, type WeftProvider, type WeftProviderSettings, weft } from './provider.ts'
