import CZstd

/// A zstd stream that is unpacked as it is read; several frames one after another are one stream (RFC 8878 §3).
final class ZstdUnpacker: Unpacker {
    /// A frame may ask for this much memory and no more: 128 MiB, what the zstd program itself allows.
    static let largestWindow: Int32 = 27

    private let stream: OpaquePointer?
    private var input: PackedInput
    private var isInFrame = false

    init(_ start: [UInt8]) {
        self.stream = ZSTD_createDStream()
        self.input = PackedInput(start)
        if let stream = self.stream {
            ZSTD_initDStream(stream)
            ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, Self.largestWindow)
        }
    }

    deinit { if let stream = self.stream { ZSTD_freeDStream(stream) } }

    func read(into block: inout [UInt8], at filled: Int, from descriptor: Int32) -> Int {
        guard let stream = self.stream, filled < block.count else { return -1 }
        while true {
            if self.input.isUsedUp, !self.input.refill(descriptor) { return self.isInFrame ? -1 : 0 }
            var status = 0
            var used = self.input.position
            let wrote = block.withUnsafeMutableBytes { output -> Int in
                self.input.bytes.withUnsafeBytes { packed -> Int in
                    var to = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: filled)
                    var from = ZSTD_inBuffer(src: packed.baseAddress, size: packed.count, pos: used)
                    status = ZSTD_decompressStream(stream, &to, &from)
                    used = from.pos
                    return to.pos - filled
                }
            }
            self.input.position = used
            guard ZSTD_isError(status) == 0 else { return wrote > 0 ? wrote : -1 }
            self.isInFrame = status != 0
            if wrote > 0 { return wrote }
        }
    }
}
