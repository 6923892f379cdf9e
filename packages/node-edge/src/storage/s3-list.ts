import { XMLParser } from 'fast-xml-parser'
import { s3Failed } from '../errors.ts'

interface Listed {
  Key: string
  Size: string
  LastModified: string
}

const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === 'Contents' })

/** What a list says. Error `s3_failed` where it is none. */
export function pageOf(bucket: string, xml: string): { contents: Listed[]; next: string | undefined } {
  const { ListBucketResult: result } = parser.parse(xml) as {
    ListBucketResult?: { Contents?: Listed[]; IsTruncated?: string; NextContinuationToken?: string }
  }
  if (result === undefined) throw s3Failed(`GET ${bucket}`, 200, xml)
  return { contents: result.Contents ?? [], next: result.IsTruncated === 'true' ? result.NextContinuationToken : undefined }
}
