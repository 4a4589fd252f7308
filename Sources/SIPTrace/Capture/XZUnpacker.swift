import CLzma

/// An xz stream that is unpacked as it is read.
final class XZUnpacker: Unpacker {
    /// A stream may ask for this much memory and no more.
    static let memoryLimit: UInt64 = 256 << 20

    /// LZMA_CONCATENATED: several streams one after another are one. Its C macro is no constant to Swift.
    private static let concatenated: UInt32 = 8

    private var stream = lzma_stream()
    private var input: PackedInput
    private let isReady: Bool
    private var hasEnded = false

    init(_ start: [UInt8]) {
        self.input = PackedInput(start)
        self.isReady =
            lzma_stream_decoder(&self.stream, Self.memoryLimit, Self.concatenated) == LZMA_OK
    }

    deinit { lzma_end(&self.stream) }

    func read(into block: inout [UInt8], at filled: Int, from descriptor: Int32) -> Int {
        guard self.isReady, filled < block.count else { return -1 }
        guard !self.hasEnded else { return 0 }
        while true {
            var action = LZMA_RUN
            if self.input.isUsedUp, !self.input.refill(descriptor) { action = LZMA_FINISH }
            let from = self.input.position
            var status = LZMA_OK
            let wrote = block.withUnsafeMutableBufferPointer { output -> Int in
                self.input.bytes.withUnsafeBufferPointer { packed -> Int in
                    guard let to = output.baseAddress else { return 0 }
                    self.stream.next_in = packed.baseAddress.map { $0 + from }
                    self.stream.avail_in = packed.count - from
                    self.stream.next_out = to + filled
                    self.stream.avail_out = output.count - filled
                    status = lzma_code(&self.stream, action)
                    return output.count - filled - self.stream.avail_out
                }
            }
            self.input.position = self.input.bytes.count - self.stream.avail_in
            if status == LZMA_STREAM_END {
                self.hasEnded = true
                return wrote
            }
            guard status == LZMA_OK else { return wrote > 0 ? wrote : -1 }
            if wrote > 0 { return wrote }
            if action == LZMA_FINISH { return -1 }
        }
    }
}
