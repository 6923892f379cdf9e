import { callClose, callOpen } from '@weft/protocol'

/**
 * How calls are written in an answer: `mark opening CALL next CALL … close`, each call as `before NAME between ARGUMENTS behind`. The arguments are JSON.
 * In these texts `ID` stands for any id of a call, and `COUNT` for its number.
 */
export interface CallForm {
  /** What tells calls from the text that may stand before them; empty where there is no such thing. */
  mark: string
  opening: string
  /** Empty where the name stands in no JSON. */
  before: string
  between: string
  behind: string
  /** null where one call is the most. */
  next: string | null
  close: string
}

/** Characters of private use, so that no template has them. */
export const ID = '\uE0F3'
export const COUNT = '\uE0F4'

/** What the edge reads, and who makes calls writes where a template knows none: that of Hermes and Qwen. */
export const ours: CallForm = {
  mark: callOpen,
  opening: '\n',
  before: '{"name": "',
  between: '", "arguments": ',
  behind: '}',
  next: `\n${callClose}\n${callOpen}\n`,
  close: `\n${callClose}`,
}

/** Calls as a list of JSON behind a mark. */
export const listBehind = (mark: string): CallForm => ({ ...ours, mark, opening: '[', next: ', ', close: ']' })

/** Whether what an answer says is told by itself to be a call: behind a mark, or since it is all of the answer, in JSON. */
export const isTold = ({ mark, opening, before, between }: CallForm): boolean =>
  mark !== '' || (/^[[{]/.test(`${opening}${before}`) && partsOf(`${opening}${before}${between}`).every((part) => 'text' in part))

/** Whether a call that has to be made is written as the edge reads one. */
export const isReadCall = ({ before, between }: CallForm): boolean => before === ours.before && between === ours.between

/** Whether all that is written of calls is as the edge reads it. */
export const isRead = (form: CallForm): boolean =>
  isReadCall(form) &&
  form.mark === ours.mark &&
  form.opening.trim() === '' &&
  form.behind === ours.behind &&
  (form.next === null || form.next.replace(/\s/g, '') === `${callClose}${callOpen}`)

/** What a call ends with that has to be made: nothing more is asked of it. */
export const endOfCall = ({ before }: CallForm): string => (before === '' ? '' : '}')

/** Calls as a form has them. Where it has ids, none are written. */
export const writtenCalls = (
  { mark, opening, before, between, behind, next, close }: CallForm,
  calls: readonly { function: { name: string; arguments: string } }[],
): string => `${mark}${opening}${calls.map(({ function: { name, arguments: text } }) => `${before}${name}${between}${text}${behind}`).join(next ?? '')}${close}`

/** A piece of a form's text: as it is, or as a blank that may be left out, or any id or number; an id that is a member of a call's JSON may be left out. */
export type FormPart = { text: string } | { blank: string } | { any: 'id' | 'count' } | { optional: readonly FormPart[] }

const pieces = new RegExp(`(,\\s*"\\w+":\\s*"${ID}"|${ID}|${COUNT}|\\s*\\n\\s*| +(?=\\[))`)

/** The pieces of a form's text. */
export const partsOf = (text: string): FormPart[] =>
  text.split(pieces).flatMap((piece): FormPart[] => {
    if (piece === '') return []
    if (piece === ID || piece === COUNT) return [{ any: piece === ID ? 'id' : 'count' }]
    if (piece.trim() === '') return [{ blank: piece }]
    return piece.includes(ID) ? [{ optional: idMember(piece) }] : [{ text: piece }]
  })

const idMember = (piece: string): FormPart[] => {
  const [head, end] = piece.split(ID)
  return [{ text: head! }, { any: 'id' }, { text: end! }]
}

/** A form's text as an expression for it. */
export const expressionOf = (parts: readonly FormPart[]): string =>
  parts
    .map((part) => {
      if ('text' in part) return escaped(part.text)
      if ('blank' in part) return `(?:${escaped(part.blank)})?`
      if ('any' in part) return part.any === 'id' ? '[A-Za-z0-9_-]+' : '[0-9]+'
      return `(?:${expressionOf(part.optional)})?`
    })
    .join('')

export const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
