package module

import (
	"sort"
	"strings"
)

// elsewhere tells in which module of the original a function is that this
// server does not have yet: the error then says more than "unknown function".
var elsewhere = func() map[string]string {
	m := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(elsewhereList), "\n") {
		f := strings.Fields(line)
		for _, name := range f[1:] {
			m[name] = f[0]
		}
	}
	return m
}()

// elsewhereVars are variables of modules that are not there.
var elsewhereVars = func() map[string]string {
	m := map[string]string{}
	for module, names := range map[string]string{
		"htable": "sht shtex shtcn shtcv shtinc shtdec shtitkey shtitval shtrecord", "dialog": "dlg dlg_ctx dlg_var",
		"sqlops": "dbr", "uac": "uac_req", "ndb_redis": "redis", "dispatcher": "dsv",
	} {
		for _, name := range strings.Fields(names) {
			m[name] = module
		}
	}
	return m
}()

const elsewhereList = `
tm t_write_req t_write_unix
registrar save lookup registered unregister lookup_branches reg_fetch_contacts lookup_to_dset add_sock_hdr
auth www_challenge proxy_challenge auth_challenge consume_credentials pv_www_authenticate pv_proxy_authenticate pv_auth_check auth_get_www_authenticate has_credentials
auth_db www_authorize proxy_authorize www_authenticate proxy_authenticate auth_check is_subscriber
permissions allow_source_address allow_address allow_trusted allow_routing allow_register allow_uri allow_source_address_group
nathelper fix_nated_contact fix_nated_sdp fix_nated_register nat_uac_test add_contact_alias handle_ruri_alias set_contact_alias
rtpproxy force_rtp_proxy unforce_rtp_proxy rtpproxy_manage rtpproxy_offer rtpproxy_answer rtpproxy_destroy
rtpengine rtpengine_manage rtpengine_offer rtpengine_answer rtpengine_delete
dispatcher ds_select_dst ds_select_domain ds_next_dst ds_next_domain ds_mark_dst ds_is_from_list ds_select
dialog dlg_manage dlg_bye dlg_terminate is_known_dlg get_profile_size set_dlg_profile is_in_profile
acc acc_log_request acc_db_request acc_request
uac uac_replace_from uac_replace_to uac_restore_from uac_auth uac_req_send
pike pike_check_req
htable sht_reset sht_lock sht_unlock sht_rm_name_re
domain is_from_local is_uri_host_local is_domain_local lookup_domain
group is_user_in
alias_db alias_db_lookup
speeddial sd_lookup
lcr load_gws next_gw from_gw to_gw
avpops avp_write
sqlops sql_query sql_result_free sql_xquery sql_pvquery
presence handle_subscribe handle_publish pres_auth_status
msilo m_store m_dump
enum enum_query i_enum_query is_from_user_enum
ratelimit rl_check rl_check_pipe
path add_path add_path_received
tls is_peer_verified
xhttp xhttp_reply
mediaproxy use_media_proxy end_media_session engage_media_proxy
`

// Pending lists the functions of the original that this server knows by name
// and does not have: those of modules that are missing, and those that a module
// of ours declares as not available.
func Pending() []string {
	var out []string
	have := map[string]bool{}
	for _, m := range All() {
		for i := range m.Funcs {
			f := &m.Funcs[i]
			have[f.Name] = true
			if f.Missing != "" {
				out = append(out, "function "+f.Name+" of module "+m.Name+": "+f.Missing)
			}
		}
	}
	for name, m := range elsewhere {
		if !have[name] {
			out = append(out, "function "+name+" of module "+m)
		}
	}
	sort.Strings(out)
	return out
}
