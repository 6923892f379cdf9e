import { testOps } from '@weft/test/cases/op'
import { binaryCases } from '@weft/test/cases/ops/binary'

testOps('binary', binaryCases)
