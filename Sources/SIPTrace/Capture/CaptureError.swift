/// Why something could not be captured, read or written: a kind for programs, a sentence for people.
public struct CaptureError: Error, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// The file is not there or may not be read.
        case cannotOpen
        /// The bytes are no capture.
        case notACapture
        case empty
        /// The capture ends inside a record, or a record claims the impossible. What came before it is good.
        case cutShort
        case unknownLink
        case badFilter
        case noDevice
        case noPermission
        /// The device or the disk failed while at work.
        case failed
    }

    public let kind: Kind
    public let description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

extension CaptureError: Equatable {
    public static func == (left: CaptureError, right: CaptureError) -> Bool { left.kind == right.kind }
}
