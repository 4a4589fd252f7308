import SIPKit
import SIPPattern

/// `-C`: shows where a message matches.
struct Highlight {
    /// An expression that matches everywhere shows nothing.
    static let maximumPlaces = 64

    private let pattern: BytePattern
    private(set) var places: [Range<Int>] = []

    init?(_ pattern: BytePattern?) {
        guard let pattern else { return nil }
        self.pattern = pattern
    }

    /// Finds the places in a message, for the calls of ``write(_:_:keepingLF:other:to:)`` about it.
    mutating func look(_ message: Span<UInt8>) {
        self.places.removeAll(keepingCapacity: true)
        var start = 0
        while self.places.count < Self.maximumPlaces, case .match(let range) = self.pattern.search(message, from: start)
        {
            if range.isEmpty {
                start = range.upperBound + 1
            } else {
                self.places.append(range)
                start = range.upperBound
            }
        }
    }

    /// Writes a part of the message, made harmless, with the places in it in another colour. A place that goes on behind the
    /// part is ended and begun again with the next.
    func write(
        _ message: Span<UInt8>, _ part: Range<Int>, keepingLF: Bool, other: UInt8, to output: inout OutputBuffer
    ) {
        var at = part.lowerBound
        for place in self.places where place.upperBound > at && place.lowerBound < part.upperBound {
            let (start, end) = (Swift.max(place.lowerBound, at), Swift.min(place.upperBound, part.upperBound))
            output.writePrintable(message.extracting(at..<start), keepingLF: keepingLF, other: other)
            output.write("\u{1B}[1;31m")
            output.writePrintable(message.extracting(start..<end), keepingLF: keepingLF, other: other)
            output.write("\u{1B}[0m")
            at = end
        }
        output.writePrintable(message.extracting(at..<part.upperBound), keepingLF: keepingLF, other: other)
    }
}
