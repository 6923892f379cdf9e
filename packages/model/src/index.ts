export type { Architecture, Lowering, ModelShape } from './architectures/architecture.ts'
export { architectures, modelShape } from './architectures/architectures.ts'
export { readHeader, type TensorEntry } from './checkpoint/header.ts'
export { RandomWeights } from './checkpoint/random.ts'
export { type ExternalLocation, FileWeights, type ModelWeights } from './checkpoint/weights.ts'
export { type RawConfig, rawConfig } from './config.ts'
export { ModelError, noOutputProjection, noTokenizer } from './errors.ts'
export type { DownloadProgress } from './hub/hub.ts'
export { AttentionInputs, biasInput, RELATIVE_BUCKETS } from './layout/attention-inputs.ts'
export { cacheBias } from './layout/cache-bias.ts'
export {
  type EncoderDecoderLayout,
  type EncoderDecoderLayoutOptions,
  type EncoderDecoderRow,
  encoderDecoderLayout,
} from './layout/encoder-decoder-layout.ts'
export { forwardInputs } from './layout/forward-inputs.ts'
export {
  IGNORED,
  type LayoutRow,
  type TrainingLayout,
  type TrainingLayoutOptions,
  trainingLayout,
} from './layout/layout.ts'
export { meanWeights, pooledIndex, type TokenSpan } from './layout/pooling.ts'
export { prefixPositions } from './layout/prefix-positions.ts'
export { type RelativePositions, relativeBuckets } from './layout/relative-positions.ts'
export { loadModel, requireModel } from './load.ts'
export type { LoadedModel, LoadOptions } from './loaded-model.ts'
export { KEY_BIAS_INDEX } from './lowering/cached-attention.ts'
export * from './lowering/classifier-features.ts'
export { decoderGraph, type EncoderDecoderInference, encoderGraph } from './lowering/encoder-decoder-inference.ts'
export { type Frozen, frozen } from './lowering/frozen.ts'
export * from './lowering/in-precision.ts'
export { type InferenceOptions, inferenceGraph } from './lowering/inference.ts'
export { type TrainingForward, type TrainingShape, trainingForward } from './lowering/training.ts'
export {
  type ComputePrecision,
  float32Precision,
  integerPrecision,
  isQuantized,
  type Precision,
  precisionOf,
  precisions,
  type WeightPrecision,
} from './precision/precision.ts'
export { frozenWeight, joinedWeights, storageOf } from './precision/storage-of.ts'
export type { FrozenWeight, TensorArrays, WeightSource, WeightStorage } from './precision/weight-storage.ts'
export { isKnownModel, knownModels } from './pull/known-models.ts'
export { type PullOptions, pullModel } from './pull/pull-model.ts'
export { deletePulled, nameAt, type PulledModel, pulledModel, pulledModels, unfinishedPulls } from './pull/pulled-models.ts'
export { TokenEmbedding, tokenRows } from './token-embedding.ts'
export type { Chat, RenderedChat, RenderOptions } from './tokenizer/chat.ts'
export type { ChatMessage } from './tokenizer/chat-message.ts'
export { createTokenizer, type DecodeStream, readTokenizer, type Tokenizer, withinVocabulary } from './tokenizer/tokenizer.ts'
