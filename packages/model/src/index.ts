export type { Architecture, Lowering, ModelShape } from './architectures/architecture.ts'
export { architectureOf, architectures, modelShape } from './architectures/architectures.ts'
export { bert } from './architectures/bert.ts'
export { gpt2 } from './architectures/gpt2.ts'
export { type LlamaConfig, llama } from './architectures/llama.ts'
export { mistral } from './architectures/mistral.ts'
export { qwen2 } from './architectures/qwen2.ts'
export { qwen3 } from './architectures/qwen3.ts'
export { roberta } from './architectures/roberta.ts'
export { type T5Config, t5 } from './architectures/t5.ts'
export { readHeader, type TensorEntry } from './checkpoint/header.ts'
export { RandomWeights } from './checkpoint/random.ts'
export { type ExternalLocation, FileWeights, type ModelWeights } from './checkpoint/weights.ts'
export { type RawConfig, rawConfig, readConfig } from './config.ts'
export { ModelError, noOutputProjection, noTokenizer } from './errors.ts'
export { type DownloadOptions, type DownloadProgress, downloadModel } from './hub/hub.ts'
export { AttentionInputs, biasInput } from './layout/attention-inputs.ts'
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
export { type RelativePositions, relativeBucket, relativeBuckets } from './layout/relative-positions.ts'
export { inverseFrequencies, type RotaryConfig, RotaryTable } from './layout/rotary.ts'
export { type LoadedModel, type LoadOptions, loadModel } from './load.ts'
export * from './lowering/classifier-features.ts'
export { decoderGraph, type EncoderDecoderInference, encoderGraph } from './lowering/encoder-decoder-inference.ts'
export { type InferenceOptions, inferenceGraph } from './lowering/inference.ts'
export { type TrainingForward, type TrainingShape, trainingForward } from './lowering/training.ts'
export { TokenEmbedding, tokenRows } from './token-embedding.ts'
export { type Chat, createChat, type RenderedChat, type RenderOptions, readChat } from './tokenizer/chat.ts'
export type { ChatMessage } from './tokenizer/chat-message.ts'
export { createTokenizer, type DecodeStream, readTokenizer, type Tokenizer } from './tokenizer/tokenizer.ts'
