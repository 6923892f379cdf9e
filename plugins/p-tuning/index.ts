import { type FloatTensor, rowWidth } from '@weft/adapters'
import { definePlugin, normal, numTransformerSubmodules, param, peftTensor, readRows, rowsFrom, rowsTo, storedRows, submodulesFrom } from '@weft/methods'
import * as z from 'zod/mini'
import { lstm, lstmParams, lstmPeftNames, MAX_LAYERS } from './lstm.ts'
import { mlp, mlpParams, mlpPeftNames } from './mlp.ts'

/** Steps of an LSTM are unrolled into the graph, so its prompt has to stay short. */
const MAX_UNROLLED = 512

const config = z
  .strictObject({
    /** P. Of 5, 10 and 20, five were best on the validation rows of each task of `weft bench defaults`. */
    numVirtualTokens: z._default(z.int().check(z.gte(1), z.lte(4096)), 5),
    /** The network that makes the rows; PEFT's spellings, `MLP` and `LSTM`, mean the same. */
    encoderReparameterizationType: z._default(
      z.pipe(
        z.transform((name) => (name === 'MLP' || name === 'LSTM' ? name.toLowerCase() : name)),
        z.enum(['mlp', 'lstm']),
      ),
      'mlp',
    ),
    /** E; the model's H when absent, as PEFT has it. */
    encoderHiddenSize: z.optional(z.int().check(z.gte(1), z.lte(65_536))),
    /** Layers of the LSTM; the MLP has three and ignores it. */
    encoderNumLayers: z._default(z.int().check(z.gte(1), z.lte(MAX_LAYERS)), 2),
    /** There is no dropout here: the same parameters give the same rows. */
    encoderDropout: z._default(z.literal(0, 'encoderDropout must be 0: the encoder has no dropout'), 0),
    /** 2 encodes the rows that PEFT stores for an encoder-decoder and nobody reads, too. */
    numTransformerSubmodules,
  })
  .check(
    z.refine((c) => c.encoderReparameterizationType !== 'lstm' || storedRows(c.numVirtualTokens, c) <= MAX_UNROLLED, {
      path: ['numVirtualTokens'],
      error: `an LSTM encoder takes at most ${MAX_UNROLLED} virtual tokens; use encoderReparameterizationType "mlp" for more`,
    }),
  )

/** P-tuning (Liu et al. 2021): rows before the token embeddings, made by a small network that is trained with them. */
export const pTuning = definePlugin({
  id: 'p-tuning',
  description: 'Rows before the token embeddings, made by a small network while training and stored without it.',
  paper: 'https://arxiv.org/abs/2103.10385',
  sites: ['inputsEmbeds'],
  hyperparameters: { learningRate: 3e-3 },
  searchSpace: { learningRate: [1e-3, 3e-3, 1e-2], setting: { name: 'numVirtualTokens', values: [5, 10, 20] } },
  config,
  params: (config, model) => {
    const H = rowWidth(model)
    const E = config.encoderHiddenSize ?? H
    return {
      embedding: param([storedRows(config.numVirtualTokens, config), H], normal(1)),
      ...(config.encoderReparameterizationType === 'lstm'
        ? { ...lstmParams(H, E, config.encoderNumLayers), ...mlpParams([2 * E, 2 * E, H]) }
        : mlpParams([H, E, E, H])),
    }
  },
  encode: (g, params, config) => {
    const recurrent = config.encoderReparameterizationType === 'lstm'
    const encoded = recurrent ? lstm(g, params, params.embedding, config.encoderNumLayers) : params.embedding // [P,2E] or [P,H]
    return { inputsEmbeds: { rows: readRows(g, mlp(g, params, encoded, recurrent ? 2 : 3), config.numVirtualTokens) } }
  },
  peft: {
    peftType: 'P_TUNING',
    trainingOnly: ['encoder_dropout'],
    params: { embedding: 'prompt_encoder.default.embedding.weight', ...lstmPeftNames, ...mlpPeftNames },
    configFrom: (peft) => {
      const { encoder_hidden_size: hiddenSize, encoder_num_layers: layers, encoder_dropout: dropout } = peft
      return {
        numVirtualTokens: peft.num_virtual_tokens,
        encoderReparameterizationType: peft.encoder_reparameterization_type ?? 'MLP',
        ...submodulesFrom(peft),
        ...(typeof hiddenSize === 'number' ? { encoderHiddenSize: hiddenSize } : {}),
        // PEFT's MLP reads neither, whatever the file says.
        ...(peft.encoder_reparameterization_type === 'LSTM' ? { encoderNumLayers: layers ?? 2, encoderDropout: dropout ?? 0 } : {}),
      }
    },
    configTo: (config, model) => ({
      token_dim: rowWidth(model),
      num_attention_heads: model.numHeads,
      encoder_reparameterization_type: config.encoderReparameterizationType.toUpperCase(),
      encoder_hidden_size: config.encoderHiddenSize ?? rowWidth(model),
      encoder_num_layers: config.encoderNumLayers,
      encoder_dropout: config.encoderDropout,
    }),
    stateFrom: (tensors, config) => ({ inputsEmbeds: { rows: rowsFrom(peftTensor(tensors, 'prompt_embeddings'), config) } }),
    stateTo: ({ inputsEmbeds: { rows } }, _, model) => ({ prompt_embeddings: rowsTo(rows as FloatTensor, model) }),
  },
})

export default pTuning
