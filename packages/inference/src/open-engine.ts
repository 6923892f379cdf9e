import type { LoadedModel } from '@weft/model'
import { DecoderEngine } from './decoder/engine.ts'
import { EncoderEngine } from './encoder/engine.ts'
import { EncoderDecoderEngine } from './encoder-decoder/engine.ts'
import type { Engine, EngineOptions } from './engine.ts'
import type { WeightOverride } from './model-sessions.ts'

/** The engine for this kind of model. */
export const openEngine = (model: LoadedModel, options: EngineOptions, override?: WeightOverride): Promise<Engine> =>
  (model.spec.encoderDecoder ? EncoderDecoderEngine : model.spec.bidirectional ? EncoderEngine : DecoderEngine).open(model, options, override)
