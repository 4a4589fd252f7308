/// A request's method (RFC 3261 §7.1 and its extensions); methods nobody here knows are `.other` and keep their text.
///
/// Method names are case-sensitive, so `invite` is `.other`.
public enum SIPMethod: UInt8, Sendable, CaseIterable, BitwiseCopyable, Codable {
    case other
    case invite, ack, bye, cancel, register, options
    case info, prack, update, refer, subscribe, notify, message, publish

    public var name: StaticString {
        switch self {
        case .other: ""
        case .invite: "INVITE"
        case .ack: "ACK"
        case .bye: "BYE"
        case .cancel: "CANCEL"
        case .register: "REGISTER"
        case .options: "OPTIONS"
        case .info: "INFO"
        case .prack: "PRACK"
        case .update: "UPDATE"
        case .refer: "REFER"
        case .subscribe: "SUBSCRIBE"
        case .notify: "NOTIFY"
        case .message: "MESSAGE"
        case .publish: "PUBLISH"
        }
    }

    @inlinable
    public init(parsing bytes: Span<UInt8>, _ range: ByteRange) {
        let match: SIPMethod =
            switch range.count {
            case 3: bytes.equals(range, "ACK") ? .ack : bytes.equals(range, "BYE") ? .bye : .other
            case 4: bytes.equals(range, "INFO") ? .info : .other
            case 5: bytes.equals(range, "PRACK") ? .prack : bytes.equals(range, "REFER") ? .refer : .other
            case 6:
                bytes.equals(range, "INVITE")
                    ? .invite
                    : bytes.equals(range, "CANCEL")
                        ? .cancel
                        : bytes.equals(range, "UPDATE")
                            ? .update : bytes.equals(range, "NOTIFY") ? .notify : .other
            case 7:
                bytes.equals(range, "OPTIONS")
                    ? .options
                    : bytes.equals(range, "MESSAGE") ? .message : bytes.equals(range, "PUBLISH") ? .publish : .other
            case 8: bytes.equals(range, "REGISTER") ? .register : .other
            case 9: bytes.equals(range, "SUBSCRIBE") ? .subscribe : .other
            default: .other
            }
        self = match
    }
}
