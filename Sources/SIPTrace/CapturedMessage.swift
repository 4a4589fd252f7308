import SIPKit

/// Where a captured message was seen: when, between whom, and what the reader knows about it.
///
/// Small and without memory of its own, so that a reader can hand it out for every message while the bytes still lie
/// in the reader's buffer.
public struct MessageOrigin: Sendable, Equatable {
    /// Nanoseconds since 1970-01-01 00:00 UTC; of the packet that completed the message.
    public var time: Int64
    public var source: SocketAddress
    public var destination: SocketAddress
    public var transport: TransportProtocol
    /// The number of the packet in its input, counted from 1 over the packets that passed the filter; for text, the
    /// number of the message.
    public var frame: Int
    /// Which input it came from: an index into the reader's list of inputs.
    public var input: Int
    /// The flags of the segment that completed the message, for TCP; 0 otherwise.
    public var tcpFlags: UInt8 = 0
    /// How many bytes of the message the capture holds; 0 where the reader does not tell.
    public var capturedLength = 0
    /// How long the message was on the wire when the capture holds only its beginning (snap length, lost segment, file
    /// cut short); `nil` when it is whole.
    public var wireLength: Int?
    /// Whether a HEP packet brought it: addresses and time are then those that the sender reported.
    public var viaHEP: Bool
    /// What it was wrapped in besides Ethernet and IP: VLANs, tunnels.
    public var wrapping: Wrapping

    public init(
        time: Int64, source: SocketAddress, destination: SocketAddress, transport: TransportProtocol, frame: Int,
        input: Int = 0, wireLength: Int? = nil, viaHEP: Bool = false, wrapping: Wrapping = []
    ) {
        self.time = time
        self.source = source
        self.destination = destination
        self.transport = transport
        self.frame = frame
        self.input = input
        self.wireLength = wireLength
        self.viaHEP = viaHEP
        self.wrapping = wrapping
    }

    public var isTruncated: Bool { self.wireLength != nil }
}

/// One SIP message out of a capture, a HEP stream or a text trace: the common currency of `sipgrep` and `harv`.
///
/// The bytes are as they were on the wire: reassembled, decrypted, unmasked. They may be no valid SIP at all: what
/// cannot be parsed travels on with its error.
public struct CapturedMessage: Sendable {
    public var origin: MessageOrigin
    public var bytes: [UInt8]

    public init(_ origin: MessageOrigin, bytes: [UInt8]) {
        self.origin = origin
        self.bytes = bytes
    }

    public var time: Int64 { self.origin.time }
    public var source: SocketAddress { self.origin.source }
    public var destination: SocketAddress { self.origin.destination }
    public var transport: TransportProtocol { self.origin.transport }
    public var frame: Int { self.origin.frame }
    public var isTruncated: Bool { self.origin.isTruncated }

    /// The message, read anew at each call (0.3 µs): keep it.
    ///
    /// - Throws: ``ParseError`` when the bytes are no SIP message at all. What is wrong further on shows when the values
    ///   are asked for.
    public func parsed() throws(ParseError) -> SIPMessage { try SIPMessage(parsing: self.bytes) }
}
