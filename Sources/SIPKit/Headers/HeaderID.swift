/// The header fields that somebody here asks for by name; everything else is `.other` and is found by its name.
///
/// The order is alphabetical and means nothing. A new header is one line in each of the three lists below.
public enum HeaderID: UInt8, Sendable, CaseIterable {
    case other
    case accept
    case acceptContact
    case acceptEncoding
    case acceptLanguage
    case acceptResourcePriority
    case alertInfo
    case allow
    case allowEvents
    case answerMode
    case authenticationInfo
    case authorization
    case callID
    case callInfo
    case ccDiversion
    case contact
    case contentDisposition
    case contentEncoding
    case contentLanguage
    case contentLength
    case contentType
    case cSeq
    case date
    case diversion
    case errorInfo
    case event
    case expires
    case featureCaps
    case flowTimer
    case from
    case geolocation
    case historyInfo
    case identity
    case identityInfo
    case infoPackage
    case inReplyTo
    case join
    case maxBreadth
    case maxForwards
    case mimeVersion
    case minExpires
    case minSE
    case organization
    case pAccessNetworkInfo
    case pAssertedIdentity
    case pAssociatedURI
    case pCalledPartyID
    case pChargingFunctionAddresses
    case pChargingVector
    case pHint
    case pPreferredIdentity
    case pRTPStat
    case pVisitedNetworkID
    case path
    case priority
    case privacy
    case proxyAuthenticate
    case proxyAuthenticationInfo
    case proxyAuthorization
    case proxyRequire
    case rAck
    case reason
    case recordRoute
    case recvInfo
    case referSub
    case referTo
    case referredBy
    case rejectContact
    case remotePartyID
    case replaces
    case replyTo
    case requestDisposition
    case require
    case resourcePriority
    case retryAfter
    case route
    case rSeq
    case securityClient
    case securityServer
    case securityVerify
    case server
    case serviceRoute
    case sessionExpires
    case sessionID
    case sipETag
    case sipIfMatch
    case subject
    case subscriptionState
    case supported
    case suppressIfMatch
    case targetDialog
    case timestamp
    case to
    case unsupported
    case userAgent
    case userToUser
    case via
    case warning
    case wwwAuthenticate
    case xRTPStat

    /// How many identifiers there are, `.other` included.
    public static var count: Int { 100 }
}

extension HeaderID {
    /// The name as RFC 3261 §20 and its successors write it.
    public var name: StaticString {
        switch self {
        case .other: ""
        case .accept: "Accept"
        case .acceptContact: "Accept-Contact"
        case .acceptEncoding: "Accept-Encoding"
        case .acceptLanguage: "Accept-Language"
        case .acceptResourcePriority: "Accept-Resource-Priority"
        case .alertInfo: "Alert-Info"
        case .allow: "Allow"
        case .allowEvents: "Allow-Events"
        case .answerMode: "Answer-Mode"
        case .authenticationInfo: "Authentication-Info"
        case .authorization: "Authorization"
        case .callID: "Call-ID"
        case .callInfo: "Call-Info"
        case .ccDiversion: "CC-Diversion"
        case .contact: "Contact"
        case .contentDisposition: "Content-Disposition"
        case .contentEncoding: "Content-Encoding"
        case .contentLanguage: "Content-Language"
        case .contentLength: "Content-Length"
        case .contentType: "Content-Type"
        case .cSeq: "CSeq"
        case .date: "Date"
        case .diversion: "Diversion"
        case .errorInfo: "Error-Info"
        case .event: "Event"
        case .expires: "Expires"
        case .featureCaps: "Feature-Caps"
        case .flowTimer: "Flow-Timer"
        case .from: "From"
        case .geolocation: "Geolocation"
        case .historyInfo: "History-Info"
        case .identity: "Identity"
        case .identityInfo: "Identity-Info"
        case .infoPackage: "Info-Package"
        case .inReplyTo: "In-Reply-To"
        case .join: "Join"
        case .maxBreadth: "Max-Breadth"
        case .maxForwards: "Max-Forwards"
        case .mimeVersion: "MIME-Version"
        case .minExpires: "Min-Expires"
        case .minSE: "Min-SE"
        case .organization: "Organization"
        case .pAccessNetworkInfo: "P-Access-Network-Info"
        case .pAssertedIdentity: "P-Asserted-Identity"
        case .pAssociatedURI: "P-Associated-URI"
        case .pCalledPartyID: "P-Called-Party-ID"
        case .pChargingFunctionAddresses: "P-Charging-Function-Addresses"
        case .pChargingVector: "P-Charging-Vector"
        case .pHint: "P-Hint"
        case .pPreferredIdentity: "P-Preferred-Identity"
        case .pRTPStat: "P-RTP-Stat"
        case .pVisitedNetworkID: "P-Visited-Network-ID"
        case .path: "Path"
        case .priority: "Priority"
        case .privacy: "Privacy"
        case .proxyAuthenticate: "Proxy-Authenticate"
        case .proxyAuthenticationInfo: "Proxy-Authentication-Info"
        case .proxyAuthorization: "Proxy-Authorization"
        case .proxyRequire: "Proxy-Require"
        case .rAck: "RAck"
        case .reason: "Reason"
        case .recordRoute: "Record-Route"
        case .recvInfo: "Recv-Info"
        case .referSub: "Refer-Sub"
        case .referTo: "Refer-To"
        case .referredBy: "Referred-By"
        case .rejectContact: "Reject-Contact"
        case .remotePartyID: "Remote-Party-ID"
        case .replaces: "Replaces"
        case .replyTo: "Reply-To"
        case .requestDisposition: "Request-Disposition"
        case .require: "Require"
        case .resourcePriority: "Resource-Priority"
        case .retryAfter: "Retry-After"
        case .route: "Route"
        case .rSeq: "RSeq"
        case .securityClient: "Security-Client"
        case .securityServer: "Security-Server"
        case .securityVerify: "Security-Verify"
        case .server: "Server"
        case .serviceRoute: "Service-Route"
        case .sessionExpires: "Session-Expires"
        case .sessionID: "Session-ID"
        case .sipETag: "SIP-ETag"
        case .sipIfMatch: "SIP-If-Match"
        case .subject: "Subject"
        case .subscriptionState: "Subscription-State"
        case .supported: "Supported"
        case .suppressIfMatch: "Suppress-If-Match"
        case .targetDialog: "Target-Dialog"
        case .timestamp: "Timestamp"
        case .to: "To"
        case .unsupported: "Unsupported"
        case .userAgent: "User-Agent"
        case .userToUser: "User-to-User"
        case .via: "Via"
        case .warning: "Warning"
        case .wwwAuthenticate: "WWW-Authenticate"
        case .xRTPStat: "X-RTP-Stat"
        }
    }

    /// The one-letter form (RFC 3261 §7.3.3 and the IANA registry), or `nil`.
    public var compactName: UInt8? {
        switch self {
        case .acceptContact: 0x61  // a
        case .allowEvents: 0x75  // u
        case .callID: 0x69  // i
        case .contact: 0x6D  // m
        case .contentEncoding: 0x65  // e
        case .contentLength: 0x6C  // l
        case .contentType: 0x63  // c
        case .event: 0x6F  // o
        case .from: 0x66  // f
        case .identity: 0x79  // y
        case .identityInfo: 0x6E  // n
        case .referTo: 0x72  // r
        case .referredBy: 0x62  // b
        case .rejectContact: 0x6A  // j
        case .requestDisposition: 0x64  // d
        case .sessionExpires: 0x78  // x
        case .subject: 0x73  // s
        case .supported: 0x6B  // k
        case .to: 0x74  // t
        case .via: 0x76  // v
        default: nil
        }
    }

    /// Which header a name is, in either case and also by its compact form; `.other` for all the rest.
    ///
    /// Names are told apart by their length and by eight bytes at a time, so a known name costs two or three
    /// comparisons. Setting bit 5 folds the case of letters; the other bytes it would confuse are no token characters.
    public static func recognize(_ bytes: Span<UInt8>, _ name: ByteRange) -> HeaderID {
        let raw = bytes.bytes
        let start = name.start
        let length = name.count
        guard length > 0, name.end <= raw.byteCount else { return .other }
        if length == 1 { return Self.compact(bytes[unchecked: start]) }
        let head = Self.folded(raw, start, Swift.min(length, 8))
        if length <= 8 { return Self.short(head, length) }
        let tail = Self.folded(raw, name.end &- 8, 8)
        switch length {
        case 9:
            if head == 0x666E692D6C6C6163, tail == 0x6F666E692D6C6C61 { return .callInfo }  // call-info
            if head == 0x6F69737265766964, tail == 0x6E6F697372657669 { return .diversion }  // diversion
            if head == 0x666E692D76636572, tail == 0x6F666E692D766365 { return .recvInfo }  // recv-info
            if head == 0x75732D7265666572, tail == 0x6275732D72656665 { return .referSub }  // refer-sub
            if head == 0x6574726F70707573, tail == 0x646574726F707075 { return .supported }  // supported
            if head == 0x6D617473656D6974, tail == 0x706D617473656D69 { return .timestamp }  // timestamp
        case 10:
            if head == 0x6E692D7472656C61, tail == 0x6F666E692D747265 { return .alertInfo }  // alert-info
            if head == 0x6E692D726F727265, tail == 0x6F666E692D726F72 { return .errorInfo }  // error-info
            if head == 0x6D69742D776F6C66, tail == 0x72656D69742D776F { return .flowTimer }  // flow-timer
            if head == 0x74732D7074722D70, tail == 0x746174732D707472 { return .pRTPStat }  // p-rtp-stat
            if head == 0x2D6E6F6973736573, tail == 0x64692D6E6F697373 { return .sessionID }  // session-id
            if head == 0x6567612D72657375, tail == 0x746E6567612D7265 { return .userAgent }  // user-agent
            if head == 0x74732D7074722D78, tail == 0x746174732D707472 { return .xRTPStat }  // x-rtp-stat
        case 11:
            if head == 0x6D2D726577736E61, tail == 0x65646F6D2D726577 { return .answerMode }  // answer-mode
            if head == 0x7461636F6C6F6567, tail == 0x6E6F697461636F6C { return .geolocation }  // geolocation
            if head == 0x796C7065722D6E69, tail == 0x6F742D796C706572 { return .inReplyTo }  // in-reply-to
            if head == 0x616572622D78616D, tail == 0x687464616572622D { return .maxBreadth }  // max-breadth
            if head == 0x697078652D6E696D, tail == 0x736572697078652D { return .minExpires }  // min-expires
            if head == 0x6465727265666572, tail == 0x79622D6465727265 { return .referredBy }  // referred-by
            if head == 0x66612D7972746572, tail == 0x72657466612D7972 { return .retryAfter }  // retry-after
            if head == 0x726F707075736E75, tail == 0x646574726F707075 { return .unsupported }  // unsupported
        case 12:
            if head == 0x76652D776F6C6C61, tail == 0x73746E6576652D77 { return .allowEvents }  // allow-events
            if head == 0x72657669642D6363, tail == 0x6E6F697372657669 { return .ccDiversion }  // cc-diversion
            if head == 0x2D746E65746E6F63, tail == 0x657079742D746E65 { return .contentType }  // content-type
            if head == 0x2D65727574616566, tail == 0x737061632D657275 { return .featureCaps }  // feature-caps
            if head == 0x2D79726F74736968, tail == 0x6F666E692D79726F { return .historyInfo }  // history-info
            if head == 0x6361702D6F666E69, tail == 0x6567616B6361702D { return .infoPackage }  // info-package
            if head == 0x77726F662D78616D, tail == 0x7364726177726F66 { return .maxForwards }  // max-forwards
            if head == 0x7265762D656D696D, tail == 0x6E6F69737265762D { return .mimeVersion }  // mime-version
            if head == 0x617A696E6167726F, tail == 0x6E6F6974617A696E { return .organization }  // organization
            if head == 0x722D64726F636572, tail == 0x6574756F722D6472 { return .recordRoute }  // record-route
            if head == 0x6D2D66692D706973, tail == 0x686374616D2D6669 { return .sipIfMatch }  // sip-if-match
            if head == 0x2D6F742D72657375, tail == 0x726573752D6F742D { return .userToUser }  // user-to-user
        case 13:
            if head == 0x7A69726F68747561, tail == 0x6E6F6974617A6972 { return .authorization }  // authorization
            if head == 0x797469746E656469, tail == 0x6F666E692D797469 { return .identityInfo }  // identity-info
            if head == 0x65722D79786F7270, tail == 0x657269757165722D { return .proxyRequire }  // proxy-require
            if head == 0x2D65636976726573, tail == 0x6574756F722D6563 { return .serviceRoute }  // service-route
            if head == 0x642D746567726174, tail == 0x676F6C6169642D74 { return .targetDialog }  // target-dialog
        case 14:
            if head == 0x632D747065636361, tail == 0x746361746E6F632D { return .acceptContact }  // accept-contact
            if head == 0x2D746E65746E6F63, tail == 0x6874676E656C2D74 { return .contentLength }  // content-length
            if head == 0x632D7463656A6572, tail == 0x746361746E6F632D { return .rejectContact }  // reject-contact
        case 15:
            if head == 0x652D747065636361, tail == 0x676E69646F636E65 { return .acceptEncoding }  // accept-encoding
            if head == 0x6C2D747065636361, tail == 0x65676175676E616C { return .acceptLanguage }  // accept-language
            if head == 0x702D65746F6D6572, tail == 0x64692D7974726170 { return .remotePartyID }  // remote-party-id
            if head == 0x7974697275636573, tail == 0x746E65696C632D79 { return .securityClient }  // security-client
            if head == 0x7974697275636573, tail == 0x7265767265732D79 { return .securityServer }  // security-server
            if head == 0x7974697275636573, tail == 0x7966697265762D79 { return .securityVerify }  // security-verify
            if head == 0x2D6E6F6973736573, tail == 0x736572697078652D { return .sessionExpires }  // session-expires
        case 16:
            if head == 0x2D746E65746E6F63, tail == 0x676E69646F636E65 { return .contentEncoding }  // content-encoding
            if head == 0x2D746E65746E6F63, tail == 0x65676175676E616C { return .contentLanguage }  // content-language
            if head == 0x69636F7373612D70, tail == 0x6972752D64657461 { return .pAssociatedURI }  // p-associated-uri
            if head == 0x687475612D777777, tail == 0x6574616369746E65 { return .wwwAuthenticate }  // www-authenticate
        case 17:
            if head == 0x64656C6C61632D70, tail == 0x64692D7974726170, Self.matches(raw, start &+ 8, "-") { return .pCalledPartyID }  // p-called-party-id
            if head == 0x6967726168632D70, tail == 0x726F746365762D67, Self.matches(raw, start &+ 8, "n") { return .pChargingVector }  // p-charging-vector
            if head == 0x656372756F736572, tail == 0x797469726F697270, Self.matches(raw, start &+ 8, "-") { return .resourcePriority }  // resource-priority
            if head == 0x7373657270707573, tail == 0x686374616D2D6669, Self.matches(raw, start &+ 8, "-") { return .suppressIfMatch }  // suppress-if-match
        case 18:
            if head == 0x75612D79786F7270, tail == 0x6574616369746E65, Self.matches(raw, start &+ 8, "th") { return .proxyAuthenticate }  // proxy-authenticate
            if head == 0x7069726373627573, tail == 0x65746174732D6E6F, Self.matches(raw, start &+ 8, "ti") { return .subscriptionState }  // subscription-state
        case 19:
            if head == 0x69746E6568747561, tail == 0x6F666E692D6E6F69, Self.matches(raw, start &+ 8, "cat") { return .authenticationInfo }  // authentication-info
            if head == 0x2D746E65746E6F63, tail == 0x6E6F697469736F70, Self.matches(raw, start &+ 8, "dis") { return .contentDisposition }  // content-disposition
            if head == 0x7472657373612D70, tail == 0x797469746E656469, Self.matches(raw, start &+ 8, "ed-") { return .pAssertedIdentity }  // p-asserted-identity
            if head == 0x75612D79786F7270, tail == 0x6E6F6974617A6972, Self.matches(raw, start &+ 8, "tho") { return .proxyAuthorization }  // proxy-authorization
            if head == 0x2D74736575716572, tail == 0x6E6F697469736F70, Self.matches(raw, start &+ 8, "dis") { return .requestDisposition }  // request-disposition
        case 20:
            if head == 0x7265666572702D70, tail == 0x797469746E656469, Self.matches(raw, start &+ 8, "red-") { return .pPreferredIdentity }  // p-preferred-identity
            if head == 0x6574697369762D70, tail == 0x64692D6B726F7774, Self.matches(raw, start &+ 8, "d-ne") { return .pVisitedNetworkID }  // p-visited-network-id
        case 21:
            if head == 0x7373656363612D70, tail == 0x6F666E692D6B726F, Self.matches(raw, start &+ 8, "-netw") { return .pAccessNetworkInfo }  // p-access-network-info
        case 24:
            if head == 0x722D747065636361, tail == 0x797469726F697270, Self.matches(raw, start &+ 8, "esource-") { return .acceptResourcePriority }  // accept-resource-priority
        case 25:
            if head == 0x75612D79786F7270, tail == 0x6F666E692D6E6F69, Self.matches(raw, start &+ 8, "thenticat") { return .proxyAuthenticationInfo }  // proxy-authentication-info
        case 29:
            if head == 0x6967726168632D70, tail == 0x7365737365726464, Self.matches(raw, start &+ 8, "ng-function-a") { return .pChargingFunctionAddresses }  // p-charging-function-addresses
        default: break
        }
        return .other
    }

    private static func short(_ head: UInt64, _ length: Int) -> HeaderID {
        switch length {
        case 2:
            if head == 0x6F74 { return .to }  // to
        case 3:
            if head == 0x616976 { return .via }  // via
        case 4:
            if head == 0x71657363 { return .cSeq }  // cseq
            if head == 0x65746164 { return .date }  // date
            if head == 0x6D6F7266 { return .from }  // from
            if head == 0x6E696F6A { return .join }  // join
            if head == 0x68746170 { return .path }  // path
            if head == 0x6B636172 { return .rAck }  // rack
            if head == 0x71657372 { return .rSeq }  // rseq
        case 5:
            if head == 0x776F6C6C61 { return .allow }  // allow
            if head == 0x746E657665 { return .event }  // event
            if head == 0x6574756F72 { return .route }  // route
        case 6:
            if head == 0x747065636361 { return .accept }  // accept
            if head == 0x65732D6E696D { return .minSE }  // min-se
            if head == 0x746E69682D70 { return .pHint }  // p-hint
            if head == 0x6E6F73616572 { return .reason }  // reason
            if head == 0x726576726573 { return .server }  // server
        case 7:
            if head == 0x64692D6C6C6163 { return .callID }  // call-id
            if head == 0x746361746E6F63 { return .contact }  // contact
            if head == 0x73657269707865 { return .expires }  // expires
            if head == 0x79636176697270 { return .privacy }  // privacy
            if head == 0x65726975716572 { return .require }  // require
            if head == 0x7463656A627573 { return .subject }  // subject
            if head == 0x676E696E726177 { return .warning }  // warning
        case 8:
            if head == 0x797469746E656469 { return .identity }  // identity
            if head == 0x797469726F697270 { return .priority }  // priority
            if head == 0x6F742D7265666572 { return .referTo }  // refer-to
            if head == 0x736563616C706572 { return .replaces }  // replaces
            if head == 0x6F742D796C706572 { return .replyTo }  // reply-to
            if head == 0x676174652D706973 { return .sipETag }  // sip-etag
        default: break
        }
        return .other
    }

    private static func compact(_ letter: UInt8) -> HeaderID {
        switch letter | 0x20 {
        case 0x61: .acceptContact  // a
        case 0x75: .allowEvents  // u
        case 0x69: .callID  // i
        case 0x6D: .contact  // m
        case 0x65: .contentEncoding  // e
        case 0x6C: .contentLength  // l
        case 0x63: .contentType  // c
        case 0x6F: .event  // o
        case 0x66: .from  // f
        case 0x79: .identity  // y
        case 0x6E: .identityInfo  // n
        case 0x72: .referTo  // r
        case 0x62: .referredBy  // b
        case 0x6A: .rejectContact  // j
        case 0x64: .requestDisposition  // d
        case 0x78: .sessionExpires  // x
        case 0x73: .subject  // s
        case 0x6B: .supported  // k
        case 0x74: .to  // t
        case 0x76: .via  // v
        default: .other
        }
    }

    /// Up to eight bytes as one number, letters in lower case.
    @inline(__always)
    private static func folded(_ raw: RawSpan, _ offset: Int, _ length: Int) -> UInt64 {
        let mask = length == 8 ? UInt64.max : (1 &<< UInt64(length &* 8)) &- 1
        if offset &+ 8 <= raw.byteCount {
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            return (word | 0x2020_2020_2020_2020) & mask
        }
        var word: UInt64 = 0
        for place in 0..<length {
            let byte = raw.unsafeLoadUnaligned(fromByteOffset: offset &+ place, as: UInt8.self)
            word |= UInt64(byte | 0x20) &<< UInt64(place &* 8)
        }
        return word
    }

    private static func matches(_ raw: RawSpan, _ offset: Int, _ text: StaticString) -> Bool {
        text.withUTF8Buffer { wanted in
            for place in 0..<wanted.count
            where raw.unsafeLoadUnaligned(fromByteOffset: offset &+ place, as: UInt8.self) | 0x20 != wanted[place] {
                return false
            }
            return true
        }
    }
}
