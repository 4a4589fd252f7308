/// From a name on the wire to a ``HeaderID``.
extension HeaderID {
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
        return length <= 16 ? Self.middle(head, tail, length) : Self.long(raw, start, head, tail, length)
    }

    /// The quick way for a name of at most eight bytes that starts a word read from the message, whatever is behind it.
    ///
    /// - Returns: `.other` also for a name with a control byte where a known one has a hyphen.
    @inline(__always)
    static func recognize(usualHead head: UInt64, _ length: Int) -> HeaderID {
        guard length > 1 else { return length == 1 ? Self.compact(UInt8(truncatingIfNeeded: head)) : .other }
        let mask = UInt64.max &>> UInt64(64 &- length &* 8)
        guard (head | head &>> 1 | ~mask) & Self.bit5 == Self.bit5 else { return .other }
        return Self.short((head | Self.bit5) & mask, length)
    }

    /// The same for 9 to 16 bytes: the name's first eight and its last eight.
    @inline(__always)
    static func recognize(usualHead head: UInt64, tail: UInt64, _ length: Int) -> HeaderID {
        // Of letters bit 6 is set, of a hyphen bit 5: a carriage return, which folds to a hyphen, has neither.
        guard (head | head &>> 1) & (tail | tail &>> 1) & Self.bit5 == Self.bit5 else { return .other }
        return length == 8 ? Self.short(head | Self.bit5, 8) : Self.middle(head | Self.bit5, tail | Self.bit5, length)
    }

    /// The bit that tells the cases of a letter apart, in each of eight bytes.
    private static var bit5: UInt64 { 0x2020_2020_2020_2020 }

    /// Names of 9 to 16 bytes.
    private static func middle(_ head: UInt64, _ tail: UInt64, _ length: Int) -> HeaderID {
        switch length {
        case 9:
            if head == 0x666E_692D_6C6C_6163, tail == 0x6F66_6E69_2D6C_6C61 { return .callInfo }  // call-info
            if head == 0x6F69_7372_6576_6964, tail == 0x6E6F_6973_7265_7669 { return .diversion }  // diversion
            if head == 0x666E_692D_7663_6572, tail == 0x6F66_6E69_2D76_6365 { return .recvInfo }  // recv-info
            if head == 0x7573_2D72_6566_6572, tail == 0x6275_732D_7265_6665 { return .referSub }  // refer-sub
            if head == 0x6574_726F_7070_7573, tail == 0x6465_7472_6F70_7075 { return .supported }  // supported
            if head == 0x6D61_7473_656D_6974, tail == 0x706D_6174_7365_6D69 { return .timestamp }  // timestamp
        case 10:
            if head == 0x6E69_2D74_7265_6C61, tail == 0x6F66_6E69_2D74_7265 { return .alertInfo }  // alert-info
            if head == 0x6E69_2D72_6F72_7265, tail == 0x6F66_6E69_2D72_6F72 { return .errorInfo }  // error-info
            if head == 0x6D69_742D_776F_6C66, tail == 0x7265_6D69_742D_776F { return .flowTimer }  // flow-timer
            if head == 0x7473_2D70_7472_2D70, tail == 0x7461_7473_2D70_7472 { return .pRTPStat }  // p-rtp-stat
            if head == 0x2D6E_6F69_7373_6573, tail == 0x6469_2D6E_6F69_7373 { return .sessionID }  // session-id
            if head == 0x6567_612D_7265_7375, tail == 0x746E_6567_612D_7265 { return .userAgent }  // user-agent
            if head == 0x7473_2D70_7472_2D78, tail == 0x7461_7473_2D70_7472 { return .xRTPStat }  // x-rtp-stat
        case 11:
            if head == 0x6D2D_7265_7773_6E61, tail == 0x6564_6F6D_2D72_6577 { return .answerMode }  // answer-mode
            if head == 0x7461_636F_6C6F_6567, tail == 0x6E6F_6974_6163_6F6C { return .geolocation }  // geolocation
            if head == 0x796C_7065_722D_6E69, tail == 0x6F74_2D79_6C70_6572 { return .inReplyTo }  // in-reply-to
            if head == 0x6165_7262_2D78_616D, tail == 0x6874_6461_6572_622D { return .maxBreadth }  // max-breadth
            if head == 0x6970_7865_2D6E_696D, tail == 0x7365_7269_7078_652D { return .minExpires }  // min-expires
            if head == 0x6465_7272_6566_6572, tail == 0x7962_2D64_6572_7265 { return .referredBy }  // referred-by
            if head == 0x6661_2D79_7274_6572, tail == 0x7265_7466_612D_7972 { return .retryAfter }  // retry-after
            if head == 0x726F_7070_7573_6E75, tail == 0x6465_7472_6F70_7075 { return .unsupported }  // unsupported
        case 12:
            if head == 0x7665_2D77_6F6C_6C61, tail == 0x7374_6E65_7665_2D77 { return .allowEvents }  // allow-events
            if head == 0x7265_7669_642D_6363, tail == 0x6E6F_6973_7265_7669 { return .ccDiversion }  // cc-diversion
            if head == 0x2D74_6E65_746E_6F63, tail == 0x6570_7974_2D74_6E65 { return .contentType }  // content-type
            if head == 0x2D65_7275_7461_6566, tail == 0x7370_6163_2D65_7275 { return .featureCaps }  // feature-caps
            if head == 0x2D79_726F_7473_6968, tail == 0x6F66_6E69_2D79_726F { return .historyInfo }  // history-info
            if head == 0x6361_702D_6F66_6E69, tail == 0x6567_616B_6361_702D { return .infoPackage }  // info-package
            if head == 0x7772_6F66_2D78_616D, tail == 0x7364_7261_7772_6F66 { return .maxForwards }  // max-forwards
            if head == 0x7265_762D_656D_696D, tail == 0x6E6F_6973_7265_762D { return .mimeVersion }  // mime-version
            if head == 0x617A_696E_6167_726F, tail == 0x6E6F_6974_617A_696E { return .organization }  // organization
            if head == 0x722D_6472_6F63_6572, tail == 0x6574_756F_722D_6472 { return .recordRoute }  // record-route
            if head == 0x6D2D_6669_2D70_6973, tail == 0x6863_7461_6D2D_6669 { return .sipIfMatch }  // sip-if-match
            if head == 0x2D6F_742D_7265_7375, tail == 0x7265_7375_2D6F_742D { return .userToUser }  // user-to-user
        case 13:
            if head == 0x7A69_726F_6874_7561, tail == 0x6E6F_6974_617A_6972 { return .authorization }  // authorization
            if head == 0x7974_6974_6E65_6469, tail == 0x6F66_6E69_2D79_7469 { return .identityInfo }  // identity-info
            if head == 0x6572_2D79_786F_7270, tail == 0x6572_6975_7165_722D { return .proxyRequire }  // proxy-require
            if head == 0x2D65_6369_7672_6573, tail == 0x6574_756F_722D_6563 { return .serviceRoute }  // service-route
            if head == 0x642D_7465_6772_6174, tail == 0x676F_6C61_6964_2D74 { return .targetDialog }  // target-dialog
        case 14:
            if head == 0x632D_7470_6563_6361, tail == 0x7463_6174_6E6F_632D { return .acceptContact }  // accept-contact
            if head == 0x2D74_6E65_746E_6F63, tail == 0x6874_676E_656C_2D74 { return .contentLength }  // content-length
            if head == 0x632D_7463_656A_6572, tail == 0x7463_6174_6E6F_632D { return .rejectContact }  // reject-contact
        case 15:
            // accept-encoding
            if head == 0x652D_7470_6563_6361, tail == 0x676E_6964_6F63_6E65 { return .acceptEncoding }
            // accept-language
            if head == 0x6C2D_7470_6563_6361, tail == 0x6567_6175_676E_616C { return .acceptLanguage }
            // remote-party-id
            if head == 0x702D_6574_6F6D_6572, tail == 0x6469_2D79_7472_6170 { return .remotePartyID }
            // security-client
            if head == 0x7974_6972_7563_6573, tail == 0x746E_6569_6C63_2D79 { return .securityClient }
            // security-server
            if head == 0x7974_6972_7563_6573, tail == 0x7265_7672_6573_2D79 { return .securityServer }
            // security-verify
            if head == 0x7974_6972_7563_6573, tail == 0x7966_6972_6576_2D79 { return .securityVerify }
            // session-expires
            if head == 0x2D6E_6F69_7373_6573, tail == 0x7365_7269_7078_652D { return .sessionExpires }
        case 16:
            // content-encoding
            if head == 0x2D74_6E65_746E_6F63, tail == 0x676E_6964_6F63_6E65 { return .contentEncoding }
            // content-language
            if head == 0x2D74_6E65_746E_6F63, tail == 0x6567_6175_676E_616C { return .contentLanguage }
            // p-associated-uri
            if head == 0x6963_6F73_7361_2D70, tail == 0x6972_752D_6465_7461 { return .pAssociatedURI }
            // www-authenticate
            if head == 0x6874_7561_2D77_7777, tail == 0x6574_6163_6974_6E65 { return .wwwAuthenticate }
        default: break
        }
        return .other
    }

    /// Names of more than 16 bytes.
    private static func long(
        _ raw: RawSpan, _ start: Int, _ head: UInt64, _ tail: UInt64, _ length: Int
    ) -> HeaderID {
        switch length {
        case 17:
            if head == 0x6465_6C6C_6163_2D70, tail == 0x6469_2D79_7472_6170, Self.matches(raw, start &+ 8, "-") {
                return .pCalledPartyID
            }  // p-called-party-id
            if head == 0x6967_7261_6863_2D70, tail == 0x726F_7463_6576_2D67, Self.matches(raw, start &+ 8, "n") {
                return .pChargingVector
            }  // p-charging-vector
            if head == 0x6563_7275_6F73_6572, tail == 0x7974_6972_6F69_7270, Self.matches(raw, start &+ 8, "-") {
                return .resourcePriority
            }  // resource-priority
            if head == 0x7373_6572_7070_7573, tail == 0x6863_7461_6D2D_6669, Self.matches(raw, start &+ 8, "-") {
                return .suppressIfMatch
            }  // suppress-if-match
        case 18:
            if head == 0x7561_2D79_786F_7270, tail == 0x6574_6163_6974_6E65, Self.matches(raw, start &+ 8, "th") {
                return .proxyAuthenticate
            }  // proxy-authenticate
            if head == 0x7069_7263_7362_7573, tail == 0x6574_6174_732D_6E6F, Self.matches(raw, start &+ 8, "ti") {
                return .subscriptionState
            }  // subscription-state
        case 19:
            if head == 0x6974_6E65_6874_7561, tail == 0x6F66_6E69_2D6E_6F69, Self.matches(raw, start &+ 8, "cat") {
                return .authenticationInfo
            }  // authentication-info
            if head == 0x2D74_6E65_746E_6F63, tail == 0x6E6F_6974_6973_6F70, Self.matches(raw, start &+ 8, "dis") {
                return .contentDisposition
            }  // content-disposition
            if head == 0x7472_6573_7361_2D70, tail == 0x7974_6974_6E65_6469, Self.matches(raw, start &+ 8, "ed-") {
                return .pAssertedIdentity
            }  // p-asserted-identity
            if head == 0x7561_2D79_786F_7270, tail == 0x6E6F_6974_617A_6972, Self.matches(raw, start &+ 8, "tho") {
                return .proxyAuthorization
            }  // proxy-authorization
            if head == 0x2D74_7365_7571_6572, tail == 0x6E6F_6974_6973_6F70, Self.matches(raw, start &+ 8, "dis") {
                return .requestDisposition
            }  // request-disposition
        case 20:
            if head == 0x7265_6665_7270_2D70, tail == 0x7974_6974_6E65_6469, Self.matches(raw, start &+ 8, "red-") {
                return .pPreferredIdentity
            }  // p-preferred-identity
            if head == 0x6574_6973_6976_2D70, tail == 0x6469_2D6B_726F_7774, Self.matches(raw, start &+ 8, "d-ne") {
                return .pVisitedNetworkID
            }  // p-visited-network-id
        case 21:
            if head == 0x7373_6563_6361_2D70, tail == 0x6F66_6E69_2D6B_726F, Self.matches(raw, start &+ 8, "-netw") {
                return .pAccessNetworkInfo
            }  // p-access-network-info
        case 24:
            if head == 0x722D_7470_6563_6361, tail == 0x7974_6972_6F69_7270, Self.matches(raw, start &+ 8, "esource-") {
                return .acceptResourcePriority
            }  // accept-resource-priority
        case 25:
            if head == 0x7561_2D79_786F_7270, tail == 0x6F66_6E69_2D6E_6F69, Self.matches(raw, start &+ 8, "thenticat")
            {
                return .proxyAuthenticationInfo
            }  // proxy-authentication-info
        case 29:
            if head == 0x6967_7261_6863_2D70, tail == 0x7365_7373_6572_6464,
                Self.matches(raw, start &+ 8, "ng-function-a")
            {
                return .pChargingFunctionAddresses
            }  // p-charging-function-addresses
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
            if head == 0x7165_7363 { return .cSeq }  // cseq
            if head == 0x6574_6164 { return .date }  // date
            if head == 0x6D6F_7266 { return .from }  // from
            if head == 0x6E69_6F6A { return .join }  // join
            if head == 0x6874_6170 { return .path }  // path
            if head == 0x6B63_6172 { return .rAck }  // rack
            if head == 0x7165_7372 { return .rSeq }  // rseq
        case 5:
            if head == 0x77_6F6C_6C61 { return .allow }  // allow
            if head == 0x74_6E65_7665 { return .event }  // event
            if head == 0x65_7475_6F72 { return .route }  // route
        case 6:
            if head == 0x7470_6563_6361 { return .accept }  // accept
            if head == 0x6573_2D6E_696D { return .minSE }  // min-se
            if head == 0x746E_6968_2D70 { return .pHint }  // p-hint
            if head == 0x6E6F_7361_6572 { return .reason }  // reason
            if head == 0x7265_7672_6573 { return .server }  // server
        case 7:
            if head == 0x64_692D_6C6C_6163 { return .callID }  // call-id
            if head == 0x74_6361_746E_6F63 { return .contact }  // contact
            if head == 0x73_6572_6970_7865 { return .expires }  // expires
            if head == 0x79_6361_7669_7270 { return .privacy }  // privacy
            if head == 0x65_7269_7571_6572 { return .require }  // require
            if head == 0x74_6365_6A62_7573 { return .subject }  // subject
            if head == 0x67_6E69_6E72_6177 { return .warning }  // warning
        case 8:
            if head == 0x7974_6974_6E65_6469 { return .identity }  // identity
            if head == 0x7974_6972_6F69_7270 { return .priority }  // priority
            if head == 0x6F74_2D72_6566_6572 { return .referTo }  // refer-to
            if head == 0x7365_6361_6C70_6572 { return .replaces }  // replaces
            if head == 0x6F74_2D79_6C70_6572 { return .replyTo }  // reply-to
            if head == 0x6761_7465_2D70_6973 { return .sipETag }  // sip-etag
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
