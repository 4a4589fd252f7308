/// What a TLS handshake has agreed on, and whom it has met.
public struct TLSFacts: Sendable {
    public var version: TLSOptions.Version?
    /// `TLS_AES_128_GCM_SHA256`; `0x1399` for one without a name here.
    public var cipher: String?
    /// The peer's certificate, then those that vouch for it, as far as the check went up; empty when it showed none.
    public var chain: [CertificateFacts]
    /// What is wrong with the peer's certificate, where that was not checked or let pass; `nil` where all is well.
    public var problem: String?

    public init(
        version: TLSOptions.Version? = nil, cipher: String? = nil, chain: [CertificateFacts] = [],
        problem: String? = nil
    ) {
        self.version = version
        self.cipher = cipher
        self.chain = chain
        self.problem = problem
    }
}
