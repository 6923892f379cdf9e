import { isWeftError } from '@weft/protocol'
import { ofField } from '../errors.ts'

/**
 * An answer of the runner, whose errors about a field of its own are said of the request's field that it was made of.
 * @param own the runner's field: the prompt of what is generated, unless said
 */
export const saidOf = async <T>(field: string, answer: Promise<T>, own = /^prompt$/): Promise<T> =>
  answer.catch((error: unknown) => {
    throw isWeftError(error) && own.test(error.param ?? '') ? ofField(error, field) : error
  })
