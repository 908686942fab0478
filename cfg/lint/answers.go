package lint

import "strings"

// answering are the functions that answer a request, send it on, or hand it to
// somebody who will. Those that may refuse to do so count, too.
var answering = set(`
	sl_send_reply sl_reply sl_reply_error send_reply send_reply_error t_reply t_send_reply t_reply_callid
	t_relay t_relay_to t_relay_to_udp t_relay_to_tcp t_relay_to_tls t_relay_to_sctp t_relay_to_avp t_forward_nonack
	t_forward_nonack_udp t_forward_nonack_tcp t_forward_nonack_tls t_forward_nonack_sctp t_replicate t_replicate_udp
	t_suspend t_load_contacts t_on_failure_relay
	forward forward_udp forward_tcp forward_tls forward_sctp send send_udp send_tcp send_tls send_sctp
	www_challenge proxy_challenge auth_challenge save handle_subscribe handle_publish options_reply
	xhttp_reply ws_handle_handshake jsonrpc_dispatch dispatch_rpc msrp_relay msrp_reply redirect_response
	rls_handle_subscribe pua_handle_publish m_store t_continue async_route async_task_route relay
`)

// sending are further functions that wait for no more than a name to be resolved.
var sending = set("t_relay_cancel sendx send_udp send_tcp send_data send_data_bin t_uac_send sl_forward_reply")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
