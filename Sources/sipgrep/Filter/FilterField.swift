import SIPKit
import SIPTrace

/// What a filter can ask of a message.
enum FilterField: Equatable, Sendable {
    case method, kind, status, reason, requestURI
    case address(HeaderID, Part)
    case callID, cSeq, branch, agent, source, destination, sourceIP, destinationIP, sourcePort, destinationPort
    case anyIP, anyPort, transport, length, frame, body, contentType, message
    case header([UInt8])
    /// Of the dialog the message belongs to.
    case dialog(DialogField)

    /// A part of From, To or Contact.
    enum Part: Sendable { case whole, uri, user, host, tag, name }

    /// Every name that can be written, for errors and the manual.
    static let names: [(name: String, field: FilterField)] = {
        var all: [(String, FilterField)] = [
            ("method", .method), ("kind", .kind), ("status", .status), ("reason", .reason), ("ruri", .requestURI),
            ("call_id", .callID), ("cseq", .cSeq), ("branch", .branch), ("ua", .agent), ("src", .source),
            ("dst", .destination), ("src.ip", .sourceIP), ("dst.ip", .destinationIP), ("src.port", .sourcePort),
            ("dst.port", .destinationPort), ("ip", .anyIP), ("port", .anyPort), ("transport", .transport),
            ("length", .length), ("frame", .frame), ("body", .body), ("content_type", .contentType),
            ("message", .message),
        ]
        for (name, id) in [("from", HeaderID.from), ("to", .to), ("contact", .contact)] {
            all.append((name, .address(id, .whole)))
            let parts: [(String, Part)] = [
                ("uri", .uri), ("user", .user), ("host", .host), ("tag", .tag), ("name", .name),
            ]
            for (part, kind) in parts { all.append(("\(name).\(part)", .address(id, kind))) }
        }
        all += DialogField.allCases.map { ($0.rawValue, .dialog($0)) }
        return all
    }()

    enum Kind { case text, number, address }

    /// How much finer than people write it the value is counted.
    var scale: Int {
        if case .dialog(let field) = self { return field.scale }
        return 1
    }

    var kind: Kind {
        switch self {
        case .status, .cSeq, .sourcePort, .destinationPort, .anyPort, .length, .frame: .number
        case .sourceIP, .destinationIP, .anyIP: .address
        case .dialog(let field): field.isNumber ? .number : .text
        default: .text
        }
    }
}

/// What a field is in one message.
enum FieldValue: Equatable {
    /// A place in the message.
    case range(ByteRange)
    case text([UInt8])
    case number(Int)
    case ip(IPAddress)
    case absent
}

extension FilterField {
    /// The field's value in a message; `anyIP` and `anyPort` are two fields and are asked one by one.
    func value(
        _ origin: MessageOrigin, _ bytes: Span<UInt8>, _ reading: MessageReading, _ facts: DialogFacts? = nil
    ) -> FieldValue {
        switch self {
        case .dialog(let field):
            return reading.isReadable ? facts?.value(field, bytes, reading.callID) ?? .absent : .absent
        case .source: return .text(Array("\(origin.source)".utf8))
        case .destination: return .text(Array("\(origin.destination)".utf8))
        case .sourceIP, .anyIP: return .ip(origin.source.ip)
        case .destinationIP: return .ip(origin.destination.ip)
        case .sourcePort, .anyPort: return .number(Int(origin.source.port))
        case .destinationPort: return .number(Int(origin.destination.port))
        case .transport: return .text(Array(origin.transport.viaName.description.utf8))
        case .length: return .number(bytes.count)
        case .frame: return .number(origin.frame)
        case .message: return .range(ByteRange(0, bytes.count))
        default: return reading.isReadable ? self.headerValue(bytes, reading) : .absent
        }
    }

    private func headerValue(_ bytes: Span<UInt8>, _ reading: MessageReading) -> FieldValue {
        switch self {
        case .method: return Self.present(reading.method(bytes))
        case .kind: return .text(Array((reading.isRequest ? "request" : "response").utf8))
        case .status: return reading.isRequest ? .absent : .number(reading.status)
        case .reason: return Self.present(reading.index.reason)
        case .requestURI: return Self.present(reading.index.requestURI)
        case .callID: return Self.present(reading.callID)
        case .cSeq: return reading.cSeq(bytes).map { .number(Int($0.number)) } ?? .absent
        case .branch: return Self.present(reading.topVia(bytes)?.branch ?? .none)
        case .agent: return Self.present(reading.agent)
        case .body: return Self.present(reading.index.body(bytes))
        case .contentType: return Self.present(reading.index.first(.contentType) ?? .none)
        case .header(let name): return reading.header(name, bytes).map { .range($0) } ?? .absent
        case .address(let id, .whole): return Self.present(reading.index.first(id) ?? .none)
        case .address(let id, .uri): return Self.present(reading.address(id, bytes)?.uri ?? .none)
        case .address(let id, .tag): return Self.present(reading.address(id, bytes)?.tag ?? .none)
        case .address(let id, .name): return Self.present(reading.address(id, bytes)?.displayName ?? .none)
        case .address(let id, .user): return Self.present(reading.user(id, bytes))
        case .address(let id, .host): return Self.present(reading.uri(id, bytes)?.host ?? .none)
        default: return .absent
        }
    }

    private static func present(_ range: ByteRange) -> FieldValue { range.isEmpty ? .absent : .range(range) }
}
