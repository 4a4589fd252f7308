import CZlib
import CZstd

/// Compresses one piece of a file so that it can be unpacked by itself: a gzip member or a zstd frame.
///
/// Pieces make a file that ends after any of them a whole one, whatever happens to the disk or the program later.
enum Packer {
    /// - Returns: `nil` when there is no memory.
    static func gzip(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        // 15 bits of window, and 16 for a gzip header.
        guard
            deflateInit2_(
                &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 32)
        let status = input.withUnsafeMutableBufferPointer { from in
            output.withUnsafeMutableBufferPointer { to in
                stream.next_in = from.baseAddress
                stream.avail_in = UInt32(from.count)
                stream.next_out = to.baseAddress
                stream.avail_out = UInt32(to.count)
                return deflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END else { return nil }
        output.removeLast(Int(stream.avail_out))
        return output
    }

    static func zstd(_ bytes: [UInt8]) -> [UInt8]? {
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = output.withUnsafeMutableBytes { to in
            bytes.withUnsafeBytes { from in ZSTD_compress(to.baseAddress, to.count, from.baseAddress, from.count, 3) }
        }
        guard ZSTD_isError(count) == 0 else { return nil }
        output.removeLast(output.count - count)
        return output
    }
}
