import CZlib
import Glibc
import SIPKit

/// A gzip stream that is unpacked as it is read; several members one after another are one stream (RFC 1952 §2.2).
final class Inflater: Unpacker {
    private var stream = z_stream()
    private var input: PackedInput
    private var ready = false
    private var ended = false

    /// - Parameter compressed: what has been read already.
    init(_ compressed: [UInt8]) {
        self.input = PackedInput(compressed)
        // 15 bits of window, and 32 for "gzip or zlib, by its header".
        self.ready =
            inflateInit2_(&self.stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    }

    deinit { if self.ready { inflateEnd(&self.stream) } }

    /// Unpacks into the free end of `block`.
    ///
    /// - Returns: how many bytes there are now; 0 at the end, -1 when the data is damaged or cut short.
    func read(into block: inout [UInt8], at filled: Int, from descriptor: Int32) -> Int {
        guard self.ready else { return -1 }
        while true {
            if self.input.isUsedUp, !self.input.refill(descriptor) { return self.ended ? 0 : -1 }
            if self.ended {
                // Another member, or rubbish after the last one, which gzip itself ignores.
                guard inflateReset(&self.stream) == Z_OK, self.input.bytes[self.input.position] == 0x1F else {
                    return 0
                }
                self.ended = false
            }
            let before = self.input.position
            var status: Int32 = Z_OK
            let wrote = block.withUnsafeMutableBufferPointer { output -> Int in
                self.input.bytes.withUnsafeBufferPointer { input -> Int in
                    guard let from = input.baseAddress, let to = output.baseAddress else { return 0 }
                    // zlib reads from it only; its C type does not say so.
                    self.stream.next_in = UnsafeMutablePointer(mutating: from + before)
                    self.stream.avail_in = UInt32(input.count - before)
                    self.stream.next_out = to + filled
                    self.stream.avail_out = UInt32(output.count - filled)
                    status = CZlib.inflate(&self.stream, Z_NO_FLUSH)
                    return output.count - filled - Int(self.stream.avail_out)
                }
            }
            self.input.position = self.input.bytes.count - Int(self.stream.avail_in)
            if status == Z_STREAM_END {
                self.ended = true
            } else if status != Z_OK, status != Z_BUF_ERROR {
                return wrote > 0 ? wrote : -1
            }
            if wrote > 0 { return wrote }
        }
    }

    /// Unpacks one zlib or gzip value as a whole, as HEP's chunk 0x10 carries it.
    ///
    /// - Returns: `nil` when it is damaged or would be longer than `limit`.
    static func unpack(_ bytes: Span<UInt8>, limit: Int = 1 << 20) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var input = bytes.copy(.init(0, bytes.count))
        var output = [UInt8](repeating: 0, count: Swift.min(limit, Swift.max(4096, input.count * 8)))
        var wrote = 0
        var consumed = 0
        var status: Int32 = Z_OK
        while status == Z_OK {
            if wrote == output.count {
                guard output.count < limit else { return nil }
                output.append(contentsOf: repeatElement(0, count: Swift.min(output.count, limit - output.count)))
            }
            let before = wrote
            let from = consumed
            output.withUnsafeMutableBufferPointer { output in
                input.withUnsafeMutableBufferPointer { input in
                    guard let source = input.baseAddress, let to = output.baseAddress else { return }
                    stream.next_in = source + from
                    stream.avail_in = UInt32(input.count - from)
                    stream.next_out = to + before
                    stream.avail_out = UInt32(output.count - before)
                    status = CZlib.inflate(&stream, Z_NO_FLUSH)
                }
            }
            wrote = output.count - Int(stream.avail_out)
            consumed = input.count - Int(stream.avail_in)
            if status == Z_BUF_ERROR, wrote == before { return nil }
            if status == Z_BUF_ERROR { status = Z_OK }
        }
        guard status == Z_STREAM_END else { return nil }
        output.removeLast(output.count - wrote)
        return output
    }
}
