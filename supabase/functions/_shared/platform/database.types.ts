// Made by `npm run types` from supabase/migrations with the Supabase CLI; not edited by hand.
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      amocrm_alerts: {
        Row: {
          code: string;
          detail: string;
          first_seen_at: string;
          id: number;
          incident_id: string;
          last_seen_at: string;
          opened_mail_at: string | null;
          over_since: string | null;
          posted_at: string | null;
          remedy: string | null;
          resolved_at: string | null;
          resolved_mail_at: string | null;
          severity: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          detail: string;
          first_seen_at?: string;
          id?: never;
          incident_id?: string;
          last_seen_at?: string;
          opened_mail_at?: string | null;
          over_since?: string | null;
          posted_at?: string | null;
          remedy?: string | null;
          resolved_at?: string | null;
          resolved_mail_at?: string | null;
          severity: string;
        };
        Update: {
          code?: string;
          detail?: string;
          first_seen_at?: string;
          id?: never;
          incident_id?: string;
          last_seen_at?: string;
          opened_mail_at?: string | null;
          over_since?: string | null;
          posted_at?: string | null;
          remedy?: string | null;
          resolved_at?: string | null;
          resolved_mail_at?: string | null;
          severity?: string;
        };
        Relationships: [];
      };
      amocrm_deal_events: {
        Row: {
          amocrm_deal_id: number;
          changed_by: number | null;
          event: string;
          from_pipeline_id: number | null;
          from_status_id: number | null;
          id: number;
          is_ours: boolean;
          lead_id: string | null;
          occurred_at: string;
          price: number | null;
          seen_at: string;
          student_id: string | null;
          to_pipeline_id: number | null;
          to_status_id: number | null;
        };
        ComputedFields: never;
        Insert: {
          amocrm_deal_id: number;
          changed_by?: number | null;
          event: string;
          from_pipeline_id?: number | null;
          from_status_id?: number | null;
          id?: never;
          is_ours: boolean;
          lead_id?: string | null;
          occurred_at: string;
          price?: number | null;
          seen_at?: string;
          student_id?: string | null;
          to_pipeline_id?: number | null;
          to_status_id?: number | null;
        };
        Update: {
          amocrm_deal_id?: number;
          changed_by?: number | null;
          event?: string;
          from_pipeline_id?: number | null;
          from_status_id?: number | null;
          id?: never;
          is_ours?: boolean;
          lead_id?: string | null;
          occurred_at?: string;
          price?: number | null;
          seen_at?: string;
          student_id?: string | null;
          to_pipeline_id?: number | null;
          to_status_id?: number | null;
        };
        Relationships: [];
      };
      amocrm_deals: {
        Row: {
          account: string;
          amocrm_company_id: number | null;
          amocrm_contact_id: number | null;
          amocrm_deal_id: number;
          closed_at: string | null;
          created_at: string | null;
          custom_fields: NonNullable<Json>;
          is_deleted: boolean;
          metadata: NonNullable<Json>;
          name: string | null;
          pipeline_id: number | null;
          price: number | null;
          responsible_user_id: number | null;
          status_id: number | null;
          status_label: string | null;
          updated_at: string | null;
          updated_by: number | null;
        };
        ComputedFields: never;
        Insert: {
          account?: string;
          amocrm_company_id?: number | null;
          amocrm_contact_id?: number | null;
          amocrm_deal_id: number;
          closed_at?: string | null;
          created_at?: string | null;
          custom_fields?: NonNullable<Json>;
          is_deleted?: boolean;
          metadata?: NonNullable<Json>;
          name?: string | null;
          pipeline_id?: number | null;
          price?: number | null;
          responsible_user_id?: number | null;
          status_id?: number | null;
          status_label?: string | null;
          updated_at?: string | null;
          updated_by?: number | null;
        };
        Update: {
          account?: string;
          amocrm_company_id?: number | null;
          amocrm_contact_id?: number | null;
          amocrm_deal_id?: number;
          closed_at?: string | null;
          created_at?: string | null;
          custom_fields?: NonNullable<Json>;
          is_deleted?: boolean;
          metadata?: NonNullable<Json>;
          name?: string | null;
          pipeline_id?: number | null;
          price?: number | null;
          responsible_user_id?: number | null;
          status_id?: number | null;
          status_label?: string | null;
          updated_at?: string | null;
          updated_by?: number | null;
        };
        Relationships: [];
      };
      amocrm_fields: {
        Row: {
          account: string;
          entity: string;
          field_code: string | null;
          field_id: number | null;
          path: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          account?: string;
          entity: string;
          field_code?: string | null;
          field_id?: number | null;
          path: string;
          updated_at?: string;
        };
        Update: {
          account?: string;
          entity?: string;
          field_code?: string | null;
          field_id?: number | null;
          path?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      amocrm_form_limits: {
        Row: {
          address_header: string;
          fair_count: number;
          flood_count: number;
          has_honeypot: boolean;
          is_enabled: boolean | null;
          is_the_only_row: boolean;
          per_address_count: number;
          per_address_seconds: number;
          quarantine_mb: number;
          requires_captcha: boolean;
          rows_per_request: number;
          total_count: number;
          total_seconds: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          address_header?: string;
          fair_count?: number;
          flood_count?: number;
          has_honeypot?: boolean;
          is_enabled?: boolean | null;
          is_the_only_row?: boolean;
          per_address_count?: number;
          per_address_seconds?: number;
          quarantine_mb?: number;
          requires_captcha?: boolean;
          rows_per_request?: number;
          total_count?: number;
          total_seconds?: number;
          updated_at?: string;
        };
        Update: {
          address_header?: string;
          fair_count?: number;
          flood_count?: number;
          has_honeypot?: boolean;
          is_enabled?: boolean | null;
          is_the_only_row?: boolean;
          per_address_count?: number;
          per_address_seconds?: number;
          quarantine_mb?: number;
          requires_captcha?: boolean;
          rows_per_request?: number;
          total_count?: number;
          total_seconds?: number;
          updated_at?: string;
        };
        Relationships: [];
      };
      amocrm_outbox: {
        Row: {
          alone_crash_count: number;
          alone_fault_at: string | null;
          alone_fault_count: number;
          amocrm_contact_id: number | null;
          amocrm_deal_id: number | null;
          attempt_count: number;
          company_fault_count: number;
          crash_count: number;
          created_at: string;
          delivered_at: string | null;
          email_key: string | null;
          error_count: number;
          goes_alone: boolean;
          id: number;
          is_fresh: boolean;
          is_head: boolean;
          kind: string;
          lane: string;
          last_error_code: string | null;
          last_error_message: string | null;
          lease_token: string | null;
          leased_at: string | null;
          next_attempt_at: string;
          payload: NonNullable<Json>;
          person_id: number | null;
          phone_key: string | null;
          priority: number;
          progress: NonNullable<Json>;
          queue: string;
          request_id: string | null;
          sent_at: string | null;
          state: string;
          step: string | null;
          subject_id: string;
          subject_table: string;
          warnings: NonNullable<Json>;
        };
        ComputedFields: never;
        Insert: {
          alone_crash_count?: number;
          alone_fault_at?: string | null;
          alone_fault_count?: number;
          amocrm_contact_id?: number | null;
          amocrm_deal_id?: number | null;
          attempt_count?: number;
          company_fault_count?: number;
          crash_count?: number;
          created_at?: string;
          delivered_at?: string | null;
          email_key?: string | null;
          error_count?: number;
          goes_alone?: boolean;
          id?: number;
          is_fresh?: boolean;
          is_head?: boolean;
          kind: string;
          lane?: string;
          last_error_code?: string | null;
          last_error_message?: string | null;
          lease_token?: string | null;
          leased_at?: string | null;
          next_attempt_at?: string;
          payload?: NonNullable<Json>;
          person_id?: number | null;
          phone_key?: string | null;
          priority?: number;
          progress?: NonNullable<Json>;
          queue?: string;
          request_id?: string | null;
          sent_at?: string | null;
          state?: string;
          step?: string | null;
          subject_id: string;
          subject_table: string;
          warnings?: NonNullable<Json>;
        };
        Update: {
          alone_crash_count?: number;
          alone_fault_at?: string | null;
          alone_fault_count?: number;
          amocrm_contact_id?: number | null;
          amocrm_deal_id?: number | null;
          attempt_count?: number;
          company_fault_count?: number;
          crash_count?: number;
          created_at?: string;
          delivered_at?: string | null;
          email_key?: string | null;
          error_count?: number;
          goes_alone?: boolean;
          id?: number;
          is_fresh?: boolean;
          is_head?: boolean;
          kind?: string;
          lane?: string;
          last_error_code?: string | null;
          last_error_message?: string | null;
          lease_token?: string | null;
          leased_at?: string | null;
          next_attempt_at?: string;
          payload?: NonNullable<Json>;
          person_id?: number | null;
          phone_key?: string | null;
          priority?: number;
          progress?: NonNullable<Json>;
          queue?: string;
          request_id?: string | null;
          sent_at?: string | null;
          state?: string;
          step?: string | null;
          subject_id?: string;
          subject_table?: string;
          warnings?: NonNullable<Json>;
        };
        Relationships: [];
      };
      amocrm_routes: {
        Row: {
          account: string;
          deal_name: string;
          on_repeat: string;
          pipeline_id: number | null;
          responsible_user_id: number | null;
          source: string;
          status_id: number | null;
          tags: string[];
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          account?: string;
          deal_name?: string;
          on_repeat?: string;
          pipeline_id?: number | null;
          responsible_user_id?: number | null;
          source: string;
          status_id?: number | null;
          tags?: string[];
          updated_at?: string;
        };
        Update: {
          account?: string;
          deal_name?: string;
          on_repeat?: string;
          pipeline_id?: number | null;
          responsible_user_id?: number | null;
          source?: string;
          status_id?: number | null;
          tags?: string[];
          updated_at?: string;
        };
        Relationships: [];
      };
      amocrm_settings: {
        Row: {
          allow_stage_backwards: boolean;
          batch_size: number;
          is_the_only_row: boolean;
          keep_delivered_days: number;
          keep_requests_days: number;
          max_attempts: number;
          min_interval_ms: number;
          note_batch_size: number;
          patch_batch_size: number;
          pull_interval_seconds: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          allow_stage_backwards?: boolean;
          batch_size?: number;
          is_the_only_row?: boolean;
          keep_delivered_days?: number;
          keep_requests_days?: number;
          max_attempts?: number;
          min_interval_ms?: number;
          note_batch_size?: number;
          patch_batch_size?: number;
          pull_interval_seconds?: number;
          updated_at?: string;
        };
        Update: {
          allow_stage_backwards?: boolean;
          batch_size?: number;
          is_the_only_row?: boolean;
          keep_delivered_days?: number;
          keep_requests_days?: number;
          max_attempts?: number;
          min_interval_ms?: number;
          note_batch_size?: number;
          patch_batch_size?: number;
          pull_interval_seconds?: number;
          updated_at?: string;
        };
        Relationships: [];
      };
      amocrm_stages: {
        Row: {
          account: string;
          event: string;
          pipeline_id: number;
          status_id: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          account?: string;
          event: string;
          pipeline_id: number;
          status_id: number;
          updated_at?: string;
        };
        Update: {
          account?: string;
          event?: string;
          pipeline_id?: number;
          status_id?: number;
          updated_at?: string;
        };
        Relationships: [];
      };
      followup_steps: {
        Row: {
          channel: string;
          created_at: string;
          delay_minutes: number;
          event: string;
          filter: NonNullable<Json>;
          is_on: boolean;
          max_delay_minutes: number;
          sequence: string;
          source: string;
          step: string;
          stop_on: string[];
          template_code: string;
          topic: string | null;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          channel: string;
          created_at?: string;
          delay_minutes?: number;
          event?: string;
          filter?: NonNullable<Json>;
          is_on?: boolean;
          max_delay_minutes?: number;
          sequence: string;
          source?: string;
          step: string;
          stop_on?: string[];
          template_code: string;
          topic?: string | null;
          version?: number;
        };
        Update: {
          channel?: string;
          created_at?: string;
          delay_minutes?: number;
          event?: string;
          filter?: NonNullable<Json>;
          is_on?: boolean;
          max_delay_minutes?: number;
          sequence?: string;
          source?: string;
          step?: string;
          stop_on?: string[];
          template_code?: string;
          topic?: string | null;
          version?: number;
        };
        Relationships: [];
      };
      followup_templates: {
        Row: {
          body: string;
          channel: string;
          code: string;
          created_at: string;
          language: string;
          subject: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          body: string;
          channel: string;
          code: string;
          created_at?: string;
          language: string;
          subject?: string | null;
          updated_at?: string;
        };
        Update: {
          body?: string;
          channel?: string;
          code?: string;
          created_at?: string;
          language?: string;
          subject?: string | null;
          updated_at?: string;
        };
        Relationships: [];
      };
      form_sources: {
        Row: {
          created_at: string;
          field_map: NonNullable<Json>;
          id: string;
          is_on: boolean;
          kind: string;
          source: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          field_map?: NonNullable<Json>;
          id?: string;
          is_on?: boolean;
          kind: string;
          source: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          field_map?: NonNullable<Json>;
          id?: string;
          is_on?: boolean;
          kind?: string;
          source?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      landing_leads: {
        Row: {
          consent_at: string | null;
          created_at: string;
          email: string | null;
          full_name: string | null;
          id: string;
          left_empty: string | null;
          metadata: Json | null;
          phone: string | null;
          source: string | null;
          submission_id: string | null;
          utm_campaign: string | null;
          utm_content: string | null;
          utm_medium: string | null;
          utm_source: string | null;
          utm_term: string | null;
        };
        ComputedFields: never;
        Insert: {
          consent_at?: string | null;
          created_at?: string;
          email?: string | null;
          full_name?: string | null;
          id?: string;
          left_empty?: string | null;
          metadata?: Json | null;
          phone?: string | null;
          source?: string | null;
          submission_id?: string | null;
          utm_campaign?: string | null;
          utm_content?: string | null;
          utm_medium?: string | null;
          utm_source?: string | null;
          utm_term?: string | null;
        };
        Update: {
          consent_at?: string | null;
          created_at?: string;
          email?: string | null;
          full_name?: string | null;
          id?: string;
          left_empty?: string | null;
          metadata?: Json | null;
          phone?: string | null;
          source?: string | null;
          submission_id?: string | null;
          utm_campaign?: string | null;
          utm_content?: string | null;
          utm_medium?: string | null;
          utm_source?: string | null;
          utm_term?: string | null;
        };
        Relationships: [];
      };
      link_clicks: {
        Row: {
          agent: string | null;
          clicked_at: string;
          code: string;
          hit_id: string;
          id: number;
          network_hash: string | null;
          reason: string;
          verdict: string;
        };
        ComputedFields: never;
        Insert: {
          agent?: string | null;
          clicked_at?: string;
          code: string;
          hit_id?: string;
          id?: never;
          network_hash?: string | null;
          reason?: string;
          verdict: string;
        };
        Update: {
          agent?: string | null;
          clicked_at?: string;
          code?: string;
          hit_id?: string;
          id?: never;
          network_hash?: string | null;
          reason?: string;
          verdict?: string;
        };
        Relationships: [
          {
            foreignKeyName: "link_clicks_code_fkey";
            columns: ["code"];
            isOneToOne: false;
            referencedRelation: "short_links";
            referencedColumns: ["code"];
          },
        ];
      };
      link_targets: {
        Row: {
          created_at: string;
          name: string;
          target_url: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          name: string;
          target_url: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          name?: string;
          target_url?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      loyalty_award_rules: {
        Row: {
          action: string;
          created_at: string;
          per_day: number | null;
          per_post: number | null;
          points: number;
          provider: string;
        };
        ComputedFields: never;
        Insert: {
          action: string;
          created_at?: string;
          per_day?: number | null;
          per_post?: number | null;
          points?: number;
          provider: string;
        };
        Update: {
          action?: string;
          created_at?: string;
          per_day?: number | null;
          per_post?: number | null;
          points?: number;
          provider?: string;
        };
        Relationships: [];
      };
      loyalty_campaigns: {
        Row: {
          body: string;
          cancels: boolean;
          confirmed_at: string | null;
          counted: number | null;
          created_at: string;
          expected_count: number | null;
          id: string;
          next_look_at: string | null;
          problem: string | null;
          segment: string | null;
          sent_at: string | null;
          start_at: string | null;
          state: string;
          state_at: string;
          subject: string;
          unisender_campaign_id: string | null;
          unisender_message_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          body: string;
          cancels?: boolean;
          confirmed_at?: string | null;
          counted?: number | null;
          created_at?: string;
          expected_count?: number | null;
          id?: string;
          next_look_at?: string | null;
          problem?: string | null;
          segment?: string | null;
          sent_at?: string | null;
          start_at?: string | null;
          state?: string;
          state_at?: string;
          subject: string;
          unisender_campaign_id?: string | null;
          unisender_message_id?: string | null;
        };
        Update: {
          body?: string;
          cancels?: boolean;
          confirmed_at?: string | null;
          counted?: number | null;
          created_at?: string;
          expected_count?: number | null;
          id?: string;
          next_look_at?: string | null;
          problem?: string | null;
          segment?: string | null;
          sent_at?: string | null;
          start_at?: string | null;
          state?: string;
          state_at?: string;
          subject?: string;
          unisender_campaign_id?: string | null;
          unisender_message_id?: string | null;
        };
        Relationships: [];
      };
      loyalty_changes: {
        Row: {
          change_key: string | null;
          event: string;
          from_value: string | null;
          id: number;
          member_id: string;
          occurred_at: string;
          to_value: string | null;
        };
        ComputedFields: never;
        Insert: {
          change_key?: string | null;
          event: string;
          from_value?: string | null;
          id?: never;
          member_id: string;
          occurred_at?: string;
          to_value?: string | null;
        };
        Update: {
          change_key?: string | null;
          event?: string;
          from_value?: string | null;
          id?: never;
          member_id?: string;
          occurred_at?: string;
          to_value?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "loyalty_changes_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_balance";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_changes_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_card";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_changes_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_members";
            referencedColumns: ["id"];
          },
        ];
      };
      loyalty_identities: {
        Row: {
          created_at: string;
          external_id: string;
          id: number;
          member_id: string;
          provider: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          external_id: string;
          id?: never;
          member_id: string;
          provider: string;
        };
        Update: {
          created_at?: string;
          external_id?: string;
          id?: never;
          member_id?: string;
          provider?: string;
        };
        Relationships: [
          {
            foreignKeyName: "loyalty_identities_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_balance";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_identities_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_card";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_identities_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_members";
            referencedColumns: ["id"];
          },
        ];
      };
      loyalty_join_suggestions: {
        Row: {
          created_at: string;
          member_id: string;
          other_id: string;
          reason: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          member_id: string;
          other_id: string;
          reason: string;
        };
        Update: {
          created_at?: string;
          member_id?: string;
          other_id?: string;
          reason?: string;
        };
        Relationships: [
          {
            foreignKeyName: "loyalty_join_suggestions_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_balance";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_join_suggestions_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_card";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_join_suggestions_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_members";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "loyalty_join_suggestions_other_id_fkey";
            columns: ["other_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_balance";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_join_suggestions_other_id_fkey";
            columns: ["other_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_card";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_join_suggestions_other_id_fkey";
            columns: ["other_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_members";
            referencedColumns: ["id"];
          },
        ];
      };
      loyalty_joins: {
        Row: {
          id: number;
          joined_at: string;
          kept_id: string;
          kept_review_at: string | null;
          kept_tier: string;
          other_id: string;
          parted_at: string | null;
        };
        ComputedFields: never;
        Insert: {
          id?: never;
          joined_at?: string;
          kept_id: string;
          kept_review_at?: string | null;
          kept_tier: string;
          other_id: string;
          parted_at?: string | null;
        };
        Update: {
          id?: never;
          joined_at?: string;
          kept_id?: string;
          kept_review_at?: string | null;
          kept_tier?: string;
          other_id?: string;
          parted_at?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "loyalty_joins_kept_id_fkey";
            columns: ["kept_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_balance";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_joins_kept_id_fkey";
            columns: ["kept_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_card";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_joins_kept_id_fkey";
            columns: ["kept_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_members";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "loyalty_joins_other_id_fkey";
            columns: ["other_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_balance";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_joins_other_id_fkey";
            columns: ["other_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_card";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_joins_other_id_fkey";
            columns: ["other_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_members";
            referencedColumns: ["id"];
          },
        ];
      };
      loyalty_members: {
        Row: {
          created_at: string;
          forgotten_at: string | null;
          id: string;
          joined_into: string | null;
          mailing: boolean;
          root_id: string;
          tier: string;
          tier_review_at: string | null;
          tier_warned_at: string | null;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          forgotten_at?: string | null;
          id?: string;
          joined_into?: string | null;
          mailing?: boolean;
          root_id?: string;
          tier?: string;
          tier_review_at?: string | null;
          tier_warned_at?: string | null;
          user_id?: string | null;
        };
        Update: {
          created_at?: string;
          forgotten_at?: string | null;
          id?: string;
          joined_into?: string | null;
          mailing?: boolean;
          root_id?: string;
          tier?: string;
          tier_review_at?: string | null;
          tier_warned_at?: string | null;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "loyalty_members_joined_into_fkey";
            columns: ["joined_into"];
            isOneToOne: false;
            referencedRelation: "loyalty_balance";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_members_joined_into_fkey";
            columns: ["joined_into"];
            isOneToOne: false;
            referencedRelation: "loyalty_card";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_members_joined_into_fkey";
            columns: ["joined_into"];
            isOneToOne: false;
            referencedRelation: "loyalty_members";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "loyalty_members_root_id_fkey";
            columns: ["root_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_balance";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_members_root_id_fkey";
            columns: ["root_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_card";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_members_root_id_fkey";
            columns: ["root_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_members";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "loyalty_members_tier_fkey";
            columns: ["tier"];
            isOneToOne: false;
            referencedRelation: "loyalty_tiers";
            referencedColumns: ["code"];
          },
        ];
      };
      loyalty_orders: {
        Row: {
          amount: number;
          currency: string;
          deleted_at: string | null;
          external_id: string;
          id: number;
          member_id: string | null;
          ordered_at: string | null;
          paid_at: string | null;
          percent: number | null;
          provider: string;
          rate: number | null;
          read_at: string;
          refunded_amount: number;
          told_at: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          amount: number;
          currency?: string;
          deleted_at?: string | null;
          external_id: string;
          id?: never;
          member_id?: string | null;
          ordered_at?: string | null;
          paid_at?: string | null;
          percent?: number | null;
          provider: string;
          rate?: number | null;
          read_at?: string;
          refunded_amount?: number;
          told_at?: string;
          updated_at?: string;
        };
        Update: {
          amount?: number;
          currency?: string;
          deleted_at?: string | null;
          external_id?: string;
          id?: never;
          member_id?: string | null;
          ordered_at?: string | null;
          paid_at?: string | null;
          percent?: number | null;
          provider?: string;
          rate?: number | null;
          read_at?: string;
          refunded_amount?: number;
          told_at?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "loyalty_orders_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_balance";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_orders_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_card";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_orders_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_members";
            referencedColumns: ["id"];
          },
        ];
      };
      loyalty_points: {
        Row: {
          amount: number;
          available_at: string;
          created_at: string;
          expires_at: string | null;
          id: number;
          is_award: boolean;
          kind: string;
          member_id: string;
          order_id: number | null;
          reason: string | null;
          reverses_id: number | null;
          source_key: string;
        };
        ComputedFields: never;
        Insert: {
          amount: number;
          available_at?: string;
          created_at?: string;
          expires_at?: string | null;
          id?: never;
          is_award?: boolean;
          kind: string;
          member_id: string;
          order_id?: number | null;
          reason?: string | null;
          reverses_id?: number | null;
          source_key: string;
        };
        Update: {
          amount?: number;
          available_at?: string;
          created_at?: string;
          expires_at?: string | null;
          id?: never;
          is_award?: boolean;
          kind?: string;
          member_id?: string;
          order_id?: number | null;
          reason?: string | null;
          reverses_id?: number | null;
          source_key?: string;
        };
        Relationships: [
          {
            foreignKeyName: "loyalty_points_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_balance";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_points_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_card";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_points_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_members";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "loyalty_points_reverses_id_fkey";
            columns: ["reverses_id"];
            isOneToOne: false;
            referencedRelation: "loyalty_points";
            referencedColumns: ["id"];
          },
        ];
      };
      loyalty_rates: {
        Row: {
          currency: string;
          day: string;
          rate: number;
        };
        ComputedFields: never;
        Insert: {
          currency: string;
          day: string;
          rate: number;
        };
        Update: {
          currency?: string;
          day?: string;
          rate?: number;
        };
        Relationships: [];
      };
      loyalty_rfm: {
        Row: {
          computed_at: string;
          frequency: number;
          frequency_score: number;
          member_id: string;
          monetary: number;
          monetary_score: number;
          recency_days: number;
          recency_score: number;
          segment: string | null;
        };
        ComputedFields: never;
        Insert: {
          computed_at: string;
          frequency: number;
          frequency_score: number;
          member_id: string;
          monetary: number;
          monetary_score: number;
          recency_days: number;
          recency_score: number;
          segment?: string | null;
        };
        Update: {
          computed_at?: string;
          frequency?: number;
          frequency_score?: number;
          member_id?: string;
          monetary?: number;
          monetary_score?: number;
          recency_days?: number;
          recency_score?: number;
          segment?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "loyalty_rfm_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: true;
            referencedRelation: "loyalty_balance";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_rfm_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: true;
            referencedRelation: "loyalty_card";
            referencedColumns: ["member_id"];
          },
          {
            foreignKeyName: "loyalty_rfm_member_id_fkey";
            columns: ["member_id"];
            isOneToOne: true;
            referencedRelation: "loyalty_members";
            referencedColumns: ["id"];
          },
        ];
      };
      loyalty_rfm_thresholds: {
        Row: {
          dimension: string;
          score: number;
          value: number;
        };
        ComputedFields: never;
        Insert: {
          dimension: string;
          score: number;
          value: number;
        };
        Update: {
          dimension?: string;
          score?: number;
          value?: number;
        };
        Relationships: [];
      };
      loyalty_segments: {
        Row: {
          code: string;
          f_from: number;
          f_to: number;
          m_from: number;
          m_to: number;
          position: number;
          r_from: number;
          r_to: number;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          f_from?: number;
          f_to?: number;
          m_from?: number;
          m_to?: number;
          position: number;
          r_from?: number;
          r_to?: number;
        };
        Update: {
          code?: string;
          f_from?: number;
          f_to?: number;
          m_from?: number;
          m_to?: number;
          position?: number;
          r_from?: number;
          r_to?: number;
        };
        Relationships: [];
      };
      loyalty_settings: {
        Row: {
          amocrm_fields: NonNullable<Json>;
          amocrm_pipelines: number[];
          available_after_days: number;
          currency: string;
          expires_after_days: number;
          is_the_only_row: boolean;
          refund_grace_days: number;
          tier_window_days: number;
          time_zone: string;
        };
        ComputedFields: never;
        Insert: {
          amocrm_fields?: NonNullable<Json>;
          amocrm_pipelines?: number[];
          available_after_days?: number;
          currency?: string;
          expires_after_days?: number;
          is_the_only_row?: boolean;
          refund_grace_days?: number;
          tier_window_days?: number;
          time_zone?: string;
        };
        Update: {
          amocrm_fields?: NonNullable<Json>;
          amocrm_pipelines?: number[];
          available_after_days?: number;
          currency?: string;
          expires_after_days?: number;
          is_the_only_row?: boolean;
          refund_grace_days?: number;
          tier_window_days?: number;
          time_zone?: string;
        };
        Relationships: [];
      };
      loyalty_tiers: {
        Row: {
          cashback_percent: number;
          code: string;
          threshold: number;
        };
        ComputedFields: never;
        Insert: {
          cashback_percent: number;
          code: string;
          threshold: number;
        };
        Update: {
          cashback_percent?: number;
          code?: string;
          threshold?: number;
        };
        Relationships: [];
      };
      loyalty_timepad_events: {
        Row: {
          event_id: number;
          is_on: boolean;
        };
        ComputedFields: never;
        Insert: {
          event_id: number;
          is_on?: boolean;
        };
        Update: {
          event_id?: number;
          is_on?: boolean;
        };
        Relationships: [];
      };
      message_consents: {
        Row: {
          channel: string;
          created_at: string;
          email_key: string | null;
          given_at: string | null;
          id: number;
          lead_id: string | null;
          phone_key: string | null;
          recipient: string | null;
          source: string | null;
          state: string;
          text: string | null;
          topic: string;
          withdrawn_at: string | null;
        };
        ComputedFields: never;
        Insert: {
          channel: string;
          created_at?: string;
          email_key?: string | null;
          given_at?: string | null;
          id?: never;
          lead_id?: string | null;
          phone_key?: string | null;
          recipient?: never;
          source?: string | null;
          state?: string;
          text?: string | null;
          topic?: string;
          withdrawn_at?: string | null;
        };
        Update: {
          channel?: string;
          created_at?: string;
          email_key?: string | null;
          given_at?: string | null;
          id?: never;
          lead_id?: string | null;
          phone_key?: string | null;
          recipient?: never;
          source?: string | null;
          state?: string;
          text?: string | null;
          topic?: string;
          withdrawn_at?: string | null;
        };
        Relationships: [];
      };
      message_outbox: {
        Row: {
          alone_crash_count: number;
          alone_fault_at: string | null;
          alone_fault_count: number;
          amocrm_contact_id: number | null;
          amocrm_deal_id: number | null;
          attempt_count: number;
          company_fault_count: number;
          crash_count: number;
          created_at: string;
          delivered_at: string | null;
          email_key: string | null;
          error_count: number;
          goes_alone: boolean;
          id: number;
          is_fresh: boolean;
          is_head: boolean;
          kind: string;
          lane: string;
          last_error_code: string | null;
          last_error_message: string | null;
          lease_token: string | null;
          leased_at: string | null;
          next_attempt_at: string;
          payload: NonNullable<Json>;
          person_id: number | null;
          phone_key: string | null;
          priority: number;
          progress: NonNullable<Json>;
          queue: string;
          request_id: string | null;
          sent_at: string | null;
          state: string;
          step: string | null;
          subject_id: string;
          subject_table: string;
          warnings: NonNullable<Json>;
        };
        ComputedFields: never;
        Insert: {
          alone_crash_count?: number;
          alone_fault_at?: string | null;
          alone_fault_count?: number;
          amocrm_contact_id?: number | null;
          amocrm_deal_id?: number | null;
          attempt_count?: number;
          company_fault_count?: number;
          crash_count?: number;
          created_at?: string;
          delivered_at?: string | null;
          email_key?: string | null;
          error_count?: number;
          goes_alone?: boolean;
          id?: number;
          is_fresh?: boolean;
          is_head?: boolean;
          kind: string;
          lane?: string;
          last_error_code?: string | null;
          last_error_message?: string | null;
          lease_token?: string | null;
          leased_at?: string | null;
          next_attempt_at?: string;
          payload?: NonNullable<Json>;
          person_id?: number | null;
          phone_key?: string | null;
          priority?: number;
          progress?: NonNullable<Json>;
          queue?: string;
          request_id?: string | null;
          sent_at?: string | null;
          state?: string;
          step?: string | null;
          subject_id: string;
          subject_table: string;
          warnings?: NonNullable<Json>;
        };
        Update: {
          alone_crash_count?: number;
          alone_fault_at?: string | null;
          alone_fault_count?: number;
          amocrm_contact_id?: number | null;
          amocrm_deal_id?: number | null;
          attempt_count?: number;
          company_fault_count?: number;
          crash_count?: number;
          created_at?: string;
          delivered_at?: string | null;
          email_key?: string | null;
          error_count?: number;
          goes_alone?: boolean;
          id?: number;
          is_fresh?: boolean;
          is_head?: boolean;
          kind?: string;
          lane?: string;
          last_error_code?: string | null;
          last_error_message?: string | null;
          lease_token?: string | null;
          leased_at?: string | null;
          next_attempt_at?: string;
          payload?: NonNullable<Json>;
          person_id?: number | null;
          phone_key?: string | null;
          priority?: number;
          progress?: NonNullable<Json>;
          queue?: string;
          request_id?: string | null;
          sent_at?: string | null;
          state?: string;
          step?: string | null;
          subject_id?: string;
          subject_table?: string;
          warnings?: NonNullable<Json>;
        };
        Relationships: [];
      };
      message_settings: {
        Row: {
          alert_language: string | null;
          click_notes_since: string | null;
          course_name: string;
          daily_cap: number | null;
          is_the_only_row: boolean;
          language: string;
          link_days: number;
          mails_per_hour: number | null;
          max_attempts: number;
          min_interval_ms: number;
          quiet_from: string | null;
          quiet_until: string | null;
          requires_consent: boolean;
          sms_balance_alert: number;
          sms_countries: string[];
          sms_max_attempts: number;
          sms_max_parts: number;
          sms_min_interval_ms: number;
          sms_per_day: number;
          sms_per_hour: number;
          sms_quiet_from: string | null;
          sms_quiet_until: string | null;
          sms_sender: string | null;
          time_zone: string;
          updated_at: string;
          weekly_cap: number | null;
        };
        ComputedFields: never;
        Insert: {
          alert_language?: string | null;
          click_notes_since?: string | null;
          course_name?: string;
          daily_cap?: number | null;
          is_the_only_row?: boolean;
          language?: string;
          link_days?: number;
          mails_per_hour?: number | null;
          max_attempts?: number;
          min_interval_ms?: number;
          quiet_from?: string | null;
          quiet_until?: string | null;
          requires_consent?: boolean;
          sms_balance_alert?: number;
          sms_countries?: string[];
          sms_max_attempts?: number;
          sms_max_parts?: number;
          sms_min_interval_ms?: number;
          sms_per_day?: number;
          sms_per_hour?: number;
          sms_quiet_from?: string | null;
          sms_quiet_until?: string | null;
          sms_sender?: string | null;
          time_zone?: string;
          updated_at?: string;
          weekly_cap?: number | null;
        };
        Update: {
          alert_language?: string | null;
          click_notes_since?: string | null;
          course_name?: string;
          daily_cap?: number | null;
          is_the_only_row?: boolean;
          language?: string;
          link_days?: number;
          mails_per_hour?: number | null;
          max_attempts?: number;
          min_interval_ms?: number;
          quiet_from?: string | null;
          quiet_until?: string | null;
          requires_consent?: boolean;
          sms_balance_alert?: number;
          sms_countries?: string[];
          sms_max_attempts?: number;
          sms_max_parts?: number;
          sms_min_interval_ms?: number;
          sms_per_day?: number;
          sms_per_hour?: number;
          sms_quiet_from?: string | null;
          sms_quiet_until?: string | null;
          sms_sender?: string | null;
          time_zone?: string;
          updated_at?: string;
          weekly_cap?: number | null;
        };
        Relationships: [];
      };
      short_links: {
        Row: {
          channel: string | null;
          code: string;
          created_at: string;
          expires_at: string | null;
          is_trap: boolean;
          lead_id: string | null;
          message_id: number | null;
          student_id: string | null;
          target_name: string | null;
          target_url: string;
        };
        ComputedFields: never;
        Insert: {
          channel?: string | null;
          code?: string;
          created_at?: string;
          expires_at?: string | null;
          is_trap?: boolean;
          lead_id?: string | null;
          message_id?: number | null;
          student_id?: string | null;
          target_name?: string | null;
          target_url: string;
        };
        Update: {
          channel?: string | null;
          code?: string;
          created_at?: string;
          expires_at?: string | null;
          is_trap?: boolean;
          lead_id?: string | null;
          message_id?: number | null;
          student_id?: string | null;
          target_name?: string | null;
          target_url?: string;
        };
        Relationships: [];
      };
      tripwire_achievements: {
        Row: {
          code: string;
          earned_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          earned_at?: string;
          user_id: string;
        };
        Update: {
          code?: string;
          earned_at?: string;
          user_id?: string;
        };
        Relationships: [];
      };
      tripwire_certificate_settings: {
        Row: {
          check_url: string | null;
          course_title: string;
          is_the_only_row: boolean;
          issuer: string | null;
          number_prefix: string;
          shows_qr: boolean;
          signatory: string | null;
          time_zone: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          check_url?: string | null;
          course_title?: string;
          is_the_only_row?: boolean;
          issuer?: string | null;
          number_prefix?: string;
          shows_qr?: boolean;
          signatory?: string | null;
          time_zone?: string;
          updated_at?: string;
        };
        Update: {
          check_url?: string | null;
          course_title?: string;
          is_the_only_row?: boolean;
          issuer?: string | null;
          number_prefix?: string;
          shows_qr?: boolean;
          signatory?: string | null;
          time_zone?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      tripwire_certificates: {
        Row: {
          course_title: string;
          full_name: string;
          id: string;
          issued_at: string;
          issued_on: string;
          number: string;
          student_id: string;
          user_id: string;
          verification_code: string;
        };
        ComputedFields: never;
        Insert: {
          course_title: string;
          full_name: string;
          id?: string;
          issued_at?: string;
          issued_on: string;
          number: string;
          student_id: string;
          user_id: string;
          verification_code: string;
        };
        Update: {
          course_title?: string;
          full_name?: string;
          id?: string;
          issued_at?: string;
          issued_on?: string;
          number?: string;
          student_id?: string;
          user_id?: string;
          verification_code?: string;
        };
        Relationships: [
          {
            foreignKeyName: "tripwire_certificates_student_id_fkey";
            columns: ["student_id"];
            isOneToOne: true;
            referencedRelation: "tripwire_users";
            referencedColumns: ["id"];
          },
        ];
      };
      tripwire_lesson_progress: {
        Row: {
          completed_at: string | null;
          lesson_id: number;
          user_id: string;
          watched_at: string | null;
          watched_seconds: number;
        };
        ComputedFields: never;
        Insert: {
          completed_at?: string | null;
          lesson_id: number;
          user_id: string;
          watched_at?: string | null;
          watched_seconds?: number;
        };
        Update: {
          completed_at?: string | null;
          lesson_id?: number;
          user_id?: string;
          watched_at?: string | null;
          watched_seconds?: number;
        };
        Relationships: [];
      };
      tripwire_lessons: {
        Row: {
          duration_seconds: number | null;
          id: number;
          min_watched_share: number;
          module_id: number;
          position: number;
          title: string;
        };
        ComputedFields: never;
        Insert: {
          duration_seconds?: number | null;
          id: number;
          min_watched_share?: number;
          module_id: number;
          position: number;
          title: string;
        };
        Update: {
          duration_seconds?: number | null;
          id?: number;
          min_watched_share?: number;
          module_id?: number;
          position?: number;
          title?: string;
        };
        Relationships: [
          {
            foreignKeyName: "tripwire_lessons_module_id_fkey";
            columns: ["module_id"];
            isOneToOne: false;
            referencedRelation: "tripwire_modules";
            referencedColumns: ["id"];
          },
        ];
      };
      tripwire_modules: {
        Row: {
          id: number;
          position: number;
          title: string;
        };
        ComputedFields: never;
        Insert: {
          id: number;
          position: number;
          title: string;
        };
        Update: {
          id?: number;
          position?: number;
          title?: string;
        };
        Relationships: [];
      };
      tripwire_users: {
        Row: {
          amocrm_contact_id: number | null;
          amocrm_deal_id: number | null;
          amocrm_synced_at: string | null;
          created_at: string;
          email: string | null;
          email_key: string | null;
          full_name: string | null;
          granted_by: string | null;
          id: string;
          language: string | null;
          phone: string | null;
          phone_typed: string | null;
          status: string;
          time_zone: string | null;
          tokens_from: string | null;
          user_id: string | null;
          welcome_email_sent_at: string | null;
        };
        ComputedFields: never;
        Insert: {
          amocrm_contact_id?: number | null;
          amocrm_deal_id?: number | null;
          amocrm_synced_at?: string | null;
          created_at?: string;
          email?: string | null;
          email_key?: string | null;
          full_name?: string | null;
          granted_by?: string | null;
          id?: string;
          language?: string | null;
          phone?: string | null;
          phone_typed?: string | null;
          status?: string;
          time_zone?: string | null;
          tokens_from?: string | null;
          user_id?: string | null;
          welcome_email_sent_at?: string | null;
        };
        Update: {
          amocrm_contact_id?: number | null;
          amocrm_deal_id?: number | null;
          amocrm_synced_at?: string | null;
          created_at?: string;
          email?: string | null;
          email_key?: string | null;
          full_name?: string | null;
          granted_by?: string | null;
          id?: string;
          language?: string | null;
          phone?: string | null;
          phone_typed?: string | null;
          status?: string;
          time_zone?: string | null;
          tokens_from?: string | null;
          user_id?: string | null;
          welcome_email_sent_at?: string | null;
        };
        Relationships: [];
      };
      unified_lead_tracking: {
        Row: {
          amocrm_contact_id: number | null;
          amocrm_deal_id: number | null;
          amocrm_synced_at: string | null;
          consent_at: string | null;
          created_at: string;
          email: string | null;
          full_name: string | null;
          id: string;
          landing_lead_id: string | null;
          metadata: Json | null;
          phone: string | null;
          phone_typed: string | null;
          source: string | null;
          time_zone: string | null;
          utm_campaign: string | null;
          utm_content: string | null;
          utm_medium: string | null;
          utm_source: string | null;
          utm_term: string | null;
        };
        ComputedFields: never;
        Insert: {
          amocrm_contact_id?: number | null;
          amocrm_deal_id?: number | null;
          amocrm_synced_at?: string | null;
          consent_at?: string | null;
          created_at?: string;
          email?: string | null;
          full_name?: string | null;
          id?: string;
          landing_lead_id?: string | null;
          metadata?: Json | null;
          phone?: string | null;
          phone_typed?: string | null;
          source?: string | null;
          time_zone?: string | null;
          utm_campaign?: string | null;
          utm_content?: string | null;
          utm_medium?: string | null;
          utm_source?: string | null;
          utm_term?: string | null;
        };
        Update: {
          amocrm_contact_id?: number | null;
          amocrm_deal_id?: number | null;
          amocrm_synced_at?: string | null;
          consent_at?: string | null;
          created_at?: string;
          email?: string | null;
          full_name?: string | null;
          id?: string;
          landing_lead_id?: string | null;
          metadata?: Json | null;
          phone?: string | null;
          phone_typed?: string | null;
          source?: string | null;
          time_zone?: string | null;
          utm_campaign?: string | null;
          utm_content?: string | null;
          utm_medium?: string | null;
          utm_source?: string | null;
          utm_term?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "unified_lead_tracking_landing_lead_id_fkey";
            columns: ["landing_lead_id"];
            isOneToOne: false;
            referencedRelation: "landing_leads";
            referencedColumns: ["id"];
          },
        ];
      };
      unisender_outbox: {
        Row: {
          alone_crash_count: number;
          alone_fault_at: string | null;
          alone_fault_count: number;
          amocrm_contact_id: number | null;
          amocrm_deal_id: number | null;
          attempt_count: number;
          company_fault_count: number;
          crash_count: number;
          created_at: string;
          delivered_at: string | null;
          email_key: string | null;
          error_count: number;
          goes_alone: boolean;
          id: number;
          is_fresh: boolean;
          is_head: boolean;
          kind: string;
          lane: string;
          last_error_code: string | null;
          last_error_message: string | null;
          lease_token: string | null;
          leased_at: string | null;
          next_attempt_at: string;
          payload: NonNullable<Json>;
          person_id: number | null;
          phone_key: string | null;
          priority: number;
          progress: NonNullable<Json>;
          queue: string;
          request_id: string | null;
          sent_at: string | null;
          state: string;
          step: string | null;
          subject_id: string;
          subject_table: string;
          warnings: NonNullable<Json>;
        };
        ComputedFields: never;
        Insert: {
          alone_crash_count?: number;
          alone_fault_at?: string | null;
          alone_fault_count?: number;
          amocrm_contact_id?: number | null;
          amocrm_deal_id?: number | null;
          attempt_count?: number;
          company_fault_count?: number;
          crash_count?: number;
          created_at?: string;
          delivered_at?: string | null;
          email_key?: string | null;
          error_count?: number;
          goes_alone?: boolean;
          id?: number;
          is_fresh?: boolean;
          is_head?: boolean;
          kind: string;
          lane?: string;
          last_error_code?: string | null;
          last_error_message?: string | null;
          lease_token?: string | null;
          leased_at?: string | null;
          next_attempt_at?: string;
          payload?: NonNullable<Json>;
          person_id?: number | null;
          phone_key?: string | null;
          priority?: number;
          progress?: NonNullable<Json>;
          queue?: string;
          request_id?: string | null;
          sent_at?: string | null;
          state?: string;
          step?: string | null;
          subject_id: string;
          subject_table: string;
          warnings?: NonNullable<Json>;
        };
        Update: {
          alone_crash_count?: number;
          alone_fault_at?: string | null;
          alone_fault_count?: number;
          amocrm_contact_id?: number | null;
          amocrm_deal_id?: number | null;
          attempt_count?: number;
          company_fault_count?: number;
          crash_count?: number;
          created_at?: string;
          delivered_at?: string | null;
          email_key?: string | null;
          error_count?: number;
          goes_alone?: boolean;
          id?: number;
          is_fresh?: boolean;
          is_head?: boolean;
          kind?: string;
          lane?: string;
          last_error_code?: string | null;
          last_error_message?: string | null;
          lease_token?: string | null;
          leased_at?: string | null;
          next_attempt_at?: string;
          payload?: NonNullable<Json>;
          person_id?: number | null;
          phone_key?: string | null;
          priority?: number;
          progress?: NonNullable<Json>;
          queue?: string;
          request_id?: string | null;
          sent_at?: string | null;
          state?: string;
          step?: string | null;
          subject_id?: string;
          subject_table?: string;
          warnings?: NonNullable<Json>;
        };
        Relationships: [];
      };
    };
    Views: {
      amocrm_actions: {
        Row: {
          action: string | null;
          actor: string | null;
          arguments: Json | null;
          at: string | null;
          id: number | null;
          result: Json | null;
          user_id: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_blocked_people: {
        Row: {
          explanation: string | null;
          kind: string | null;
          next_attempt_at: string | null;
          person_id: number | null;
          reason: string | null;
          remedy: string | null;
          state: string | null;
          stuck_id: number | null;
          stuck_since: string | null;
          waiting_count: number | null;
          waiting_since: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_bulk_jobs: {
        Row: {
          action: string | null;
          created_at: string | null;
          done_count: number | null;
          ended_at: string | null;
          filter: Json | null;
          id: number | null;
          left_alone: Json | null;
          left_count: number | null;
          message_count: number | null;
          state: string | null;
          user_id: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_dead_letters: {
        Row: {
          attempt_count: number | null;
          created_at: string | null;
          error_code: string | null;
          error_message: string | null;
          id: number | null;
          kind: string | null;
          person_id: number | null;
          remedy: string | null;
          subject_id: string | null;
          subject_table: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_deals_now: {
        Row: {
          amocrm_deal_id: number | null;
          came_at: string | null;
          changed_at: string | null;
          deal_name: string | null;
          full_name: string | null;
          last_event: string | null;
          last_event_at: string | null;
          pipeline_id: number | null;
          price: number | null;
          responsible_user_id: number | null;
          source: string | null;
          standing: string | null;
          status_id: number | null;
          status_label: string | null;
          subject: string | null;
          subject_id: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_duplicates: {
        Row: {
          found_at: string | null;
          id: number | null;
          kept_id: number | null;
          other_id: number | null;
          outbox_id: number | null;
          reason: string | null;
          type: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_error_policies: {
        Row: {
          action: string | null;
          breaker_first_seconds: number | null;
          breaker_longest_seconds: number | null;
          error_code: string | null;
          explanation: string | null;
          first_wait_ms: number | null;
          jitter: number | null;
          longest_wait_ms: number | null;
          max_attempts: number | null;
          opens_breaker_after: number | null;
          spends_attempt: boolean | null;
          updated_at: string | null;
          wait_growth: number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_health: {
        Row: {
          backlog_done_at: string | null;
          breaker_code: string | null;
          breaker_message: string | null;
          breaker_opened_at: string | null;
          breaker_probe_at: string | null;
          dead_count: number | null;
          installed_at: string | null;
          interval_in_force_ms: number | null;
          is_silence_unusual: boolean | null;
          last_backfill_at: string | null;
          last_delivered_at: string | null;
          last_drain_at: string | null;
          last_lead_at: string | null;
          last_live_at: string | null;
          last_pull_at: string | null;
          last_tick_at: string | null;
          min_interval_ms: number | null;
          mirror_complete: boolean | null;
          missing: string[] | null;
          notice: string | null;
          oldest_quarantined_at: string | null;
          oldest_waiting_at: string | null;
          pause_reason: string | null;
          paused_at: string | null;
          problem: string | null;
          quarantined_count: number | null;
          refresh_expires_at: string | null;
          remedy: string | null;
          slow_reason: string | null;
          token_expires_at: string | null;
          token_state: string | null;
          token_uptime: number | null;
          unanswered_post_count: number | null;
          uncertain_count: number | null;
          usual_lead_count: number | null;
          verdict: string | null;
          version: string | null;
          waiting_count: number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_held_tells: {
        Row: {
          amocrm_deal_id: number | null;
          behind_count: number | null;
          held_since: string | null;
          kind: string | null;
          message_id: number | null;
          person_id: number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_outbox_status: {
        Row: {
          is_more: boolean | null;
          kind: string | null;
          lane: string | null;
          message_count: number | null;
          next_attempt_at: string | null;
          oldest_at: string | null;
          reason: string | null;
          state: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_quarantine: {
        Row: {
          email_domain: string | null;
          first_at: string | null;
          last_at: string | null;
          lead_count: number | null;
          network_count: number | null;
          reason: string | null;
          remedy: string | null;
          source: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_reconciliation: {
        Row: {
          bucket: string | null;
          meaning: string | null;
          needs_attention: boolean | null;
          oldest_at: string | null;
          row_count: number | null;
          subject: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_throughput: {
        Row: {
          dead_count: number | null;
          delay_95_seconds: number | null;
          delay_longest_seconds: number | null;
          delay_median_seconds: number | null;
          delivered_count: number | null;
          done_at: string | null;
          hour: string | null;
          inserted_count: number | null;
          kind: string | null;
          rate_limited_count: number | null;
          request_count: number | null;
          slot_share: number | null;
          waiting_count: number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_timeline: {
        Row: {
          amocrm_deal_id: number | null;
          at: string | null;
          detail: string | null;
          event: string | null;
          message_id: number | null;
          person_id: number | null;
          subject_id: string | null;
          subject_table: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_unmapped_forms: {
        Row: {
          fields: Json | null;
          form_source_id: string | null;
          id: number | null;
          kind: string | null;
          reason: string | null;
          received_at: string | null;
          remedy: string | null;
          source: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_versions: {
        Row: {
          applied_at: string | null;
          is_current: boolean | null;
          version: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      amocrm_webhook_status: {
        Row: {
          by_hooks_day: number | null;
          by_pulls_only_day: number | null;
          checked_at: string | null;
          deliveries_day: number | null;
          deliveries_hour: number | null;
          duplicates_day: number | null;
          duplicates_hour: number | null;
          foreign_count: number | null;
          healed_at: string | null;
          is_healthy: boolean | null;
          last_delivery_at: string | null;
          made_at: string | null;
          problem_code: string | null;
          state: string | null;
          unreadable_count: number | null;
          waiting_count: number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      followup_overview: {
        Row: {
          events: string[] | null;
          held_count: number | null;
          is_on: boolean | null;
          next_at: string | null;
          paused_at: string | null;
          people_in_older: number | null;
          people_inside: number | null;
          sequence: string | null;
          step_count: number | null;
          switched_on_at: string | null;
          version: number | null;
          waiting_count: number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      followup_results: {
        Row: {
          channel: string | null;
          day: string | null;
          delivered: number | null;
          ended_by_goal: number | null;
          entered: number | null;
          failed: number | null;
          human_clicks: number | null;
          sent: number | null;
          sequence: string | null;
          skipped: number | null;
          step: string | null;
          version: number | null;
          waiting: number | null;
          withdrew: number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      landing_funnel: {
        Row: {
          campaign: string;
          day: string;
          deals_lost: number;
          deals_open: number;
          deals_won: number;
          delivered_to_crm: number;
          human_clicks: number;
          leads: number;
          mails_delivered: number;
          mails_opened: number;
          mails_sent: number;
          median_minutes_to_first_move: number | null;
          people: number;
          revenue: number;
          sms_delivered: number;
          sms_sent: number;
          source: string;
        };
        ComputedFields: never;
        Insert: {
          campaign?: string | null;
          day?: string | null;
          deals_lost?: number | null;
          deals_open?: number | null;
          deals_won?: number | null;
          delivered_to_crm?: number | null;
          human_clicks?: number | null;
          leads?: number | null;
          mails_delivered?: number | null;
          mails_opened?: number | null;
          mails_sent?: number | null;
          median_minutes_to_first_move?: number | null;
          people?: number | null;
          revenue?: number | null;
          sms_delivered?: number | null;
          sms_sent?: number | null;
          source?: string | null;
        };
        Update: {
          campaign?: string | null;
          day?: string | null;
          deals_lost?: number | null;
          deals_open?: number | null;
          deals_won?: number | null;
          delivered_to_crm?: number | null;
          human_clicks?: number | null;
          leads?: number | null;
          mails_delivered?: number | null;
          mails_opened?: number | null;
          mails_sent?: number | null;
          median_minutes_to_first_move?: number | null;
          people?: number | null;
          revenue?: number | null;
          sms_delivered?: number | null;
          sms_sent?: number | null;
          source?: string | null;
        };
        Relationships: [];
      };
      link_results: {
        Row: {
          channel: string | null;
          day: string | null;
          first_click_minutes: number | null;
          human_clicks: number | null;
          links: number | null;
          links_opened: number | null;
          prefetches: number | null;
          previews: number | null;
          scanners: number | null;
          target: string | null;
          unknown_clicks: number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      loyalty_balance: {
        Row: {
          balance: number | null;
          member_id: string;
        };
        ComputedFields: never;
        Relationships: [];
      };
      loyalty_card: {
        Row: {
          balance: number | null;
          cashback_percent: number | null;
          member_id: string;
          next_expiry_amount: number | null;
          next_expiry_at: string | null;
          pending: number | null;
          tier: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      loyalty_contacts: {
        Row: {
          external_id: string | null;
          member_id: string | null;
          provider: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      message_dead_letters: {
        Row: {
          attempt_count: number | null;
          created_at: string | null;
          error_code: string | null;
          error_message: string | null;
          id: number | null;
          kind: string | null;
          remedy: string | null;
          subject_id: string | null;
          subject_table: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      message_health: {
        Row: {
          breaker_code: string | null;
          breaker_message: string | null;
          breaker_probe_at: string | null;
          dead_count: number | null;
          last_delivered_at: string | null;
          last_drain_at: string | null;
          missing: string[] | null;
          notice: string | null;
          oldest_waiting_at: string | null;
          pause_reason: string | null;
          paused_at: string | null;
          problem: string | null;
          remedy: string | null;
          unanswered_post_count: number | null;
          uncertain_count: number | null;
          verdict: string | null;
          waiting_count: number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      sms_dead_letters: {
        Row: {
          attempt_count: number | null;
          created_at: string | null;
          error_code: string | null;
          error_message: string | null;
          id: number | null;
          kind: string | null;
          remedy: string | null;
          subject_id: string | null;
          subject_table: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      sms_health: {
        Row: {
          balance: number | null;
          balance_checked_at: string | null;
          breaker_code: string | null;
          breaker_message: string | null;
          breaker_probe_at: string | null;
          currency: string | null;
          dead_count: number | null;
          held_count: number | null;
          last_delivered_at: string | null;
          last_drain_at: string | null;
          missing: string[] | null;
          oldest_waiting_at: string | null;
          pause_reason: string | null;
          paused_at: string | null;
          problem: string | null;
          remedy: string | null;
          unanswered_post_count: number | null;
          uncertain_count: number | null;
          verdict: string | null;
          waiting_count: number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      sms_held: {
        Row: {
          held_since: string | null;
          kind: string | null;
          message_id: number | null;
          reason: string | null;
          subject_id: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      sms_overview: {
        Row: {
          created_at: string | null;
          is_moderated: boolean | null;
          kind: string | null;
          message_id: number | null;
          outcome: string | null;
          outcome_at: string | null;
          part_count: number | null;
          reason: string | null;
          reason_code: string | null;
          sent_at: string | null;
          state: string | null;
          subject_id: string | null;
          subject_table: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      tripwire_students_overview: {
        Row: {
          amocrm_contact_id: number | null;
          amocrm_deal_id: number | null;
          amocrm_deal_url: string | null;
          amocrm_synced_at: string | null;
          certificate_code: string | null;
          completed_count: number | null;
          completed_course_at: string | null;
          created_at: string | null;
          email: string | null;
          full_name: string | null;
          granted_by: string | null;
          id: string | null;
          last_activity_at: string | null;
          lesson_count: number | null;
          mail_error_code: string | null;
          mail_state: string | null;
          phone: string | null;
          status: string | null;
          sync_error_code: string | null;
          sync_state: string | null;
          user_id: string | null;
          watched_seconds: number | null;
          welcome_email_sent_at: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      unisender_dead_letters: {
        Row: {
          attempt_count: number | null;
          created_at: string | null;
          error_code: string | null;
          error_message: string | null;
          id: number | null;
          kind: string | null;
          remedy: string | null;
          subject_id: string | null;
          subject_table: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
    };
    Functions: {
      amocrm_account_leave: { Args: Record<PropertyKey, never>; Returns: undefined };
      amocrm_account_look_up: { Args: { p_host: string }; Returns: Json };
      amocrm_account_moved: { Args: { p_from: string; p_to: string }; Returns: boolean };
      amocrm_account_note: { Args: { p_account_id: number; p_subdomain: string }; Returns: undefined };
      amocrm_account_read: { Args: Record<PropertyKey, never>; Returns: Json };
      amocrm_account_switch: {
        Args: {
          p_access?: string;
          p_account_id: number;
          p_expires_at: string;
          p_fingerprint: string;
          p_host: string;
          p_project: string;
        };
        Returns: Json;
      };
      amocrm_alert_roads: { Args: Record<PropertyKey, never>; Returns: Json };
      amocrm_backfill: { Args: { p_limit?: number; p_since?: string; p_table: string }; Returns: number };
      amocrm_backfill_estimate: {
        Args: { p_limit?: number; p_since?: string; p_table: string };
        Returns: {
          interval_ms: number;
          message_count: number;
          minutes: number;
          request_count: number;
        }[];
      };
      amocrm_breaker_close: { Args: Record<PropertyKey, never>; Returns: undefined };
      amocrm_bulk_preview: { Args: { p_action: string; p_filter: Json }; Returns: Json };
      amocrm_bulk_start: {
        Args: { p_action: string; p_confirmed_count: number; p_filter: Json };
        Returns: number;
      };
      amocrm_bulk_stop: { Args: { p_job: number }; Returns: boolean };
      amocrm_cancel: { Args: { p_id: number }; Returns: undefined };
      amocrm_change_form_limits: { Args: { p_changes: Json }; Returns: undefined };
      amocrm_change_settings: { Args: { p_changes: Json }; Returns: undefined };
      amocrm_copy_missing_leads: { Args: { p_since?: string }; Returns: number };
      amocrm_dashboard: { Args: { p_language?: string }; Returns: Json };
      amocrm_discard_quarantine: {
        Args: {
          p_email_domain?: string;
          p_limit?: number;
          p_reason?: string;
          p_since?: string;
          p_source?: string;
        };
        Returns: number;
      };
      amocrm_doctor_answer: { Args: { p_call_id: number }; Returns: Json };
      amocrm_doctor_facts: { Args: Record<PropertyKey, never>; Returns: Json };
      amocrm_door_opens: { Args: { p_door: string; p_token: string }; Returns: boolean };
      amocrm_drain_begin: { Args: { p_token: string }; Returns: string };
      amocrm_drain_claim: { Args: { p_limit: number; p_token: string }; Returns: Json };
      amocrm_drain_custom_fields: { Args: { p_entity: string }; Returns: Json };
      amocrm_drain_deals_of_others: {
        Args: { p_deal_ids: number[]; p_subject_id: string };
        Returns: number[];
      };
      amocrm_drain_end: { Args: { p_has_failed?: boolean; p_token: string }; Returns: boolean };
      amocrm_drain_extend: { Args: { p_token: string }; Returns: undefined };
      amocrm_drain_field_types: {
        Args: { p_entity: string; p_fields: Json; p_token: string };
        Returns: undefined;
      };
      amocrm_drain_limit_batches: { Args: { p_is_large?: boolean; p_size: number }; Returns: undefined };
      amocrm_drain_look: { Args: { p_changed_until: string; p_contacts: Json }; Returns: undefined };
      amocrm_drain_look_again: { Args: Record<PropertyKey, never>; Returns: boolean };
      amocrm_drain_mark_sent: {
        Args: { p_ids: number[]; p_step: string; p_token: string };
        Returns: number[];
      };
      amocrm_drain_match: { Args: { p_ids: number[] }; Returns: Json };
      amocrm_drain_record: { Args: { p_facts: Json; p_token: string }; Returns: number[] };
      amocrm_drain_release: { Args: { p_ids: number[]; p_token: string }; Returns: number };
      amocrm_drain_settle: { Args: { p_results: Json; p_token: string }; Returns: number[] };
      amocrm_drain_store_custom_fields: {
        Args: { p_entity: string; p_fields: Json; p_token: string };
        Returns: undefined;
      };
      amocrm_drain_void_look: { Args: { p_ids: number[]; p_token: string }; Returns: number[] };
      amocrm_find: { Args: { p_email: string; p_lead: string; p_phone: string }; Returns: Json };
      amocrm_forget: { Args: { p_email?: string; p_phone?: string }; Returns: Json };
      amocrm_form_submit: {
        Args: { p_has_captcha: boolean; p_headers: Json; p_lead: Json };
        Returns: undefined;
      };
      amocrm_health_report: { Args: Record<PropertyKey, never>; Returns: Json };
      amocrm_heartbeat: {
        Args: { p_component: string; p_detail: string; p_missing: string[]; p_state: string };
        Returns: undefined;
      };
      amocrm_hints_store: {
        Args: {
          p_asked: number[];
          p_entity: string;
          p_read_at: number;
          p_rows: Json;
          p_taken_at: string;
          p_token: string;
        };
        Returns: number;
      };
      amocrm_hints_take: { Args: { p_limit: number; p_token: string }; Returns: Json };
      amocrm_hints_wait: { Args: { p_entity: string; p_ids: number[]; p_token: string }; Returns: undefined };
      amocrm_in_russian: { Args: { p_sentence: string }; Returns: string };
      amocrm_log_requests: { Args: { p_function: string; p_requests: Json }; Returns: undefined };
      amocrm_make_monitor_token: { Args: Record<PropertyKey, never>; Returns: string };
      amocrm_marker_begin: { Args: { p_token: string }; Returns: boolean };
      amocrm_marker_end: {
        Args: { p_error_code: string; p_error_message: string; p_field_id: number; p_token: string };
        Returns: undefined;
      };
      amocrm_message: { Args: { p_id: number; p_language?: string }; Returns: Json };
      amocrm_message_count: { Args: { p_filter?: Json }; Returns: Json };
      amocrm_message_reveal: { Args: { p_id: number }; Returns: Json };
      amocrm_messages: { Args: { p_before?: number; p_filter?: Json; p_limit?: number }; Returns: Json };
      amocrm_metrics: { Args: Record<PropertyKey, never>; Returns: Json };
      amocrm_mirror_set_aside: {
        Args: { p_entity: string; p_id: number; p_reason: string };
        Returns: undefined;
      };
      amocrm_move_in: { Args: { p_project: string }; Returns: undefined };
      amocrm_note_clock: { Args: { p_offset_ms: number }; Returns: undefined };
      amocrm_oauth_begin: {
        Args: { p_allows_switch: boolean; p_link_hash: string; p_state_hash: string };
        Returns: string;
      };
      amocrm_oauth_end: { Args: { p_outcome: string; p_state_hash: string }; Returns: undefined };
      amocrm_oauth_link: { Args: { p_id: number }; Returns: Json };
      amocrm_oauth_make_link: { Args: { p_allows_switch: boolean; p_link_hash: string }; Returns: Json };
      amocrm_oauth_use_state: { Args: { p_state_hash: string }; Returns: Json };
      amocrm_pace: { Args: { p_language?: string }; Returns: Json };
      amocrm_pause: { Args: { p_reason: string }; Returns: undefined };
      amocrm_person: { Args: { p_filter: Json }; Returns: Json };
      amocrm_plan_claim: { Args: { p_lead: string; p_limit: number }; Returns: Json };
      amocrm_plan_rows: { Args: { p_entity: string; p_ids: number[]; p_query?: string }; Returns: Json };
      amocrm_pull_begin: { Args: { p_token: string }; Returns: Json };
      amocrm_pull_end: {
        Args: { p_clock_offset_ms?: number; p_rings: boolean; p_token: string };
        Returns: boolean;
      };
      amocrm_pull_fail: {
        Args: { p_code: string; p_message: string; p_pull_id: number; p_token: string };
        Returns: undefined;
      };
      amocrm_pull_finish: {
        Args: { p_pull_id: number; p_token: string; p_until: string };
        Returns: undefined;
      };
      amocrm_pull_missing: { Args: { p_limit: number }; Returns: number[] };
      amocrm_pull_page: {
        Args: {
          p_asked: number[];
          p_pages_left: number;
          p_position: Json;
          p_pull_id: number;
          p_rows: Json;
          p_token: string;
        };
        Returns: Json;
      };
      amocrm_pull_progress: { Args: Record<PropertyKey, never>; Returns: Json };
      amocrm_pull_request: { Args: { p_accepts_deletions: boolean; p_since: string }; Returns: Json };
      amocrm_pull_tick: { Args: Record<PropertyKey, never>; Returns: undefined };
      amocrm_release_quarantine: {
        Args: {
          p_email_domain?: string;
          p_limit?: number;
          p_reason?: string;
          p_since?: string;
          p_source?: string;
        };
        Returns: number;
      };
      amocrm_release_tells: { Args: { p_cancel?: boolean; p_deal_id?: number }; Returns: number };
      amocrm_report_answer: { Args: { p_operations: string[] }; Returns: undefined };
      amocrm_report_fault: {
        Args: {
          p_cause_code: string;
          p_code: string;
          p_is_probe: boolean;
          p_message: string;
          p_message_ids: number[];
          p_operation: string;
          p_told_wait_ms: number;
        };
        Returns: string;
      };
      amocrm_requeue: { Args: { p_id: number }; Returns: undefined };
      amocrm_requeue_dead: {
        Args: { p_error_code?: string; p_kind?: string; p_limit?: number };
        Returns: number;
      };
      amocrm_reserve_pull_slot: {
        Args: { p_max_wait_ms: number; p_since_departure_ms: number; p_token: string };
        Returns: Json;
      };
      amocrm_reserve_slot: {
        Args: { p_max_wait_ms: number; p_since_departure_ms: number; p_token: string };
        Returns: Json;
      };
      amocrm_reserve_token_slot: {
        Args: { p_max_wait_ms: number; p_since_departure_ms: number };
        Returns: Json;
      };
      amocrm_resolve_duplicate: { Args: { p_id: number; p_resolution: string }; Returns: string };
      amocrm_resume: { Args: Record<PropertyKey, never>; Returns: undefined };
      amocrm_schedule_jobs: { Args: Record<PropertyKey, never>; Returns: string[] };
      amocrm_set_alert_roads: { Args: { p_alert_url: string; p_dead_man_url: string }; Returns: Json };
      amocrm_set_field: {
        Args: { p_entity: string; p_field_id: number; p_path: string };
        Returns: undefined;
      };
      amocrm_set_route: {
        Args: { p_pipeline_id: number; p_source: string; p_status_id?: number };
        Returns: undefined;
      };
      amocrm_set_stage: {
        Args: { p_event: string; p_pipeline_id: number; p_status_id: number };
        Returns: undefined;
      };
      amocrm_set_vault: { Args: { p_cron_key?: string; p_functions_url: string }; Returns: string };
      amocrm_settings_now: { Args: Record<PropertyKey, never>; Returns: Json };
      amocrm_store_pipelines: { Args: { p_pipelines: Json }; Returns: undefined };
      amocrm_tell: { Args: { p_key?: string; p_kind: string; p_payload: Json; p_to: Json }; Returns: number };
      amocrm_tick: { Args: Record<PropertyKey, never>; Returns: undefined };
      amocrm_timeline_of: {
        Args: { p_deal_id?: number; p_email?: string; p_phone?: string };
        Returns: {
          amocrm_deal_id: number;
          at: string;
          detail: string;
          event: string;
          message_id: number;
          person_id: number;
          subject_id: string;
          subject_table: string;
        }[];
      };
      amocrm_tokens_claim: { Args: { p_project: string; p_version: number }; Returns: Json };
      amocrm_tokens_connect: {
        Args: {
          p_account_id: number;
          p_expires_in_s: number;
          p_host: string;
          p_pair: Json;
          p_project: string;
          p_subdomain: string;
        };
        Returns: number;
      };
      amocrm_tokens_disconnect: { Args: Record<PropertyKey, never>; Returns: boolean };
      amocrm_tokens_fail: {
        Args: {
          p_claim: number;
          p_code: string;
          p_is_final: boolean;
          p_message: string;
          p_version: number;
          p_wait_ms: number;
        };
        Returns: Json;
      };
      amocrm_tokens_note_long_lived: {
        Args: {
          p_access?: string;
          p_account_id: number;
          p_expires_at: string;
          p_fingerprint: string;
          p_host: string;
          p_project: string;
        };
        Returns: Json;
      };
      amocrm_tokens_prove: { Args: { p_account_id: number; p_version: number }; Returns: string };
      amocrm_tokens_read: { Args: { p_project: string }; Returns: Json };
      amocrm_tokens_store: {
        Args: {
          p_account_id: number;
          p_claim: number;
          p_expires_in_s: number;
          p_pair: Json;
          p_version: number;
        };
        Returns: Json;
      };
      amocrm_tokens_take_over: {
        Args: { p_host: string; p_project: string; p_refresh_token: string };
        Returns: boolean;
      };
      amocrm_webhook_keep: { Args: { p_is_healed: boolean; p_secret_hash: string }; Returns: undefined };
      amocrm_webhook_note: { Args: { p_problem_code: string; p_state: string }; Returns: undefined };
      amocrm_webhook_off: { Args: Record<PropertyKey, never>; Returns: undefined };
      amocrm_webhook_receive: {
        Args: { p_account_id: number; p_body: string; p_hints: Json; p_key: string; p_secret_hash: string };
        Returns: string;
      };
      amocrm_webhook_report: { Args: Record<PropertyKey, never>; Returns: Json };
      amocrm_webhook_state: { Args: Record<PropertyKey, never>; Returns: Json };
      followup_change_step: {
        Args: { p_changes: Json; p_sequence: string; p_step: string };
        Returns: undefined;
      };
      followup_change_text: {
        Args: { p_body: string; p_channel: string; p_code: string; p_language: string; p_subject: string };
        Returns: undefined;
      };
      followup_pause: { Args: { p_sequence: string }; Returns: boolean };
      followup_plan: {
        Args: { p_day?: string; p_email?: string; p_limit?: number; p_phone?: string };
        Returns: {
          channel: string;
          departed_at: string;
          due_at: string;
          expected_at: string;
          lead_id: string;
          message_id: number;
          reason: string;
          sequence: string;
          state: string;
          step: string;
          student_id: string;
          time_zone: string;
          version: number;
        }[];
      };
      followup_release: { Args: { p_limit?: number }; Returns: number };
      followup_resume: { Args: { p_inside?: string; p_sequence: string }; Returns: number };
      form_intake: { Args: { p_event: Json; p_source_id: string }; Returns: string };
      form_source_add: {
        Args: { p_field_map?: Json; p_kind: string; p_source: string };
        Returns: Record<string, unknown>;
      };
      form_source_list: { Args: Record<PropertyKey, never>; Returns: Json };
      form_source_of_key: { Args: { p_key_hash: string }; Returns: Json };
      form_source_off: { Args: { p_id: string }; Returns: boolean };
      form_source_remap: { Args: { p_field_map: Json; p_id: string }; Returns: number };
      inbox_append: {
        Args: {
          p_body?: Json;
          p_error?: string;
          p_key: string;
          p_origin?: string;
          p_source: string;
          p_state?: string;
        };
        Returns: string;
      };
      inbox_claim: { Args: { p_limit?: number; p_seconds?: number; p_source: string }; Returns: Json };
      inbox_settle: { Args: { p_results: Json }; Returns: number };
      landing_funnel_sums: {
        Args: { p_by?: string; p_from: string; p_source?: string; p_until: string };
        Returns: Json;
      };
      link_count: { Args: { p_hits: Json }; Returns: number };
      link_open: { Args: { p_code: string }; Returns: Json };
      loyalty_adjust: {
        Args: { p_key: string; p_member: string; p_points: number; p_reason: string };
        Returns: number;
      };
      loyalty_campaign_cancel: { Args: { p_id: string }; Returns: string };
      loyalty_campaign_confirm: { Args: { p_id: string }; Returns: number };
      loyalty_campaign_create: {
        Args: { p_body: string; p_segment: string; p_subject: string };
        Returns: string;
      };
      loyalty_campaign_list: { Args: { p_language?: string }; Returns: Json };
      loyalty_campaign_preview: {
        Args: { p_id: string };
        Returns: {
          body: string;
          left_out_count: number;
          recipient_count: number;
          sample: string[];
          state: string;
          subject: string;
        }[];
      };
      loyalty_code: { Args: Record<PropertyKey, never>; Returns: string };
      loyalty_import: {
        Args: { p_provider?: string; p_rows: Json };
        Returns: {
          external_id: string;
          outcome: string;
          row_number: number;
        }[];
      };
      loyalty_import_csv: {
        Args: { p_csv: string; p_provider?: string };
        Returns: {
          external_id: string;
          outcome: string;
          row_number: number;
        }[];
      };
      loyalty_is_in_use: { Args: Record<PropertyKey, never>; Returns: boolean };
      loyalty_join: { Args: { p_keep: string; p_other: string }; Returns: number };
      loyalty_member: { Args: { p_member: string }; Returns: Json };
      loyalty_member_list: { Args: { p_before?: string; p_filter?: Json; p_limit?: number }; Returns: Json };
      loyalty_member_reveal: { Args: { p_member: string }; Returns: Json };
      loyalty_my_card: {
        Args: Record<PropertyKey, never>;
        Returns: {
          balance: number;
          cashback_percent: number;
          member_id: string;
          next_expiry_amount: number;
          next_expiry_at: string;
          pending: number;
          tier: string;
        }[];
      };
      loyalty_my_history: {
        Args: Record<PropertyKey, never>;
        Returns: {
          at: string;
          available_at: string;
          expires_at: string;
          kind: string;
          points: number;
          provider: string;
        }[];
      };
      loyalty_overview: { Args: Record<PropertyKey, never>; Returns: Json };
      loyalty_pull_begin: {
        Args: { p_nightly: boolean; p_provider: string; p_seconds: number; p_token: string };
        Returns: Json;
      };
      loyalty_pull_due: { Args: { p_limit: number; p_provider: string }; Returns: Json };
      loyalty_pull_end: {
        Args: { p_error?: string; p_is_night_over: boolean; p_provider: string; p_token: string };
        Returns: undefined;
      };
      loyalty_pull_store: {
        Args: { p_last_id?: number; p_orders: Json; p_provider: string; p_token: string };
        Returns: number;
      };
      loyalty_pull_touch: { Args: { p_ids: string[]; p_provider: string }; Returns: undefined };
      loyalty_recompute: { Args: Record<PropertyKey, never>; Returns: Json };
      loyalty_refund: { Args: { p_key: string; p_points?: number }; Returns: number };
      loyalty_spend: { Args: { p_key: string; p_member: string; p_points: number }; Returns: number };
      loyalty_tier_set: {
        Args: { p_member: string; p_reason: string; p_tier: string; p_until: string };
        Returns: undefined;
      };
      loyalty_timepad_due: { Args: { p_nightly: boolean }; Returns: number[] };
      loyalty_unjoin: { Args: { p_join: number }; Returns: undefined };
      message_allow_address: { Args: { p_email: string }; Returns: boolean };
      message_breaker_close: { Args: Record<PropertyKey, never>; Returns: undefined };
      message_change_settings: { Args: { p_changes: Json }; Returns: undefined };
      message_drain_begin: { Args: { p_project: string; p_token: string }; Returns: string };
      message_drain_claim: { Args: { p_limit: number; p_token: string }; Returns: Json };
      message_drain_end: { Args: { p_has_failed?: boolean; p_token: string }; Returns: boolean };
      message_drain_extend: { Args: { p_token: string }; Returns: undefined };
      message_drain_intend: { Args: { p_body: Json; p_id: number; p_token: string }; Returns: Json };
      message_drain_look_again: { Args: Record<PropertyKey, never>; Returns: boolean };
      message_drain_settle: { Args: { p_results: Json; p_token: string }; Returns: number[] };
      message_enroll: { Args: { p_lead: string; p_sequence: string }; Returns: number };
      message_pause: { Args: { p_queue?: string; p_reason: string }; Returns: undefined };
      message_press_link: { Args: { p_token: string }; Returns: Json };
      message_record_event: { Args: { p_event: Json }; Returns: string };
      message_report_answer: { Args: { p_operations: string[] }; Returns: undefined };
      message_report_fault: {
        Args: {
          p_cause_code: string;
          p_code: string;
          p_is_probe: boolean;
          p_message: string;
          p_message_ids: number[];
          p_operation: string;
          p_told_wait_ms: number;
        };
        Returns: string;
      };
      message_resend_welcome: { Args: { p_student_id: string }; Returns: number };
      message_reserve_slot: {
        Args: { p_max_wait_ms: number; p_since_departure_ms: number; p_token: string };
        Returns: Json;
      };
      message_resume: { Args: { p_queue?: string }; Returns: undefined };
      message_unsubscribe: { Args: { p_token: string }; Returns: string };
      message_withdraw: {
        Args: { p_channel?: string; p_email?: string; p_phone?: string; p_topic?: string };
        Returns: number;
      };
      outbox_begin: { Args: { p_queue: string; p_token: string }; Returns: string };
      outbox_breaker_close: { Args: { p_queue: string }; Returns: undefined };
      outbox_claim: { Args: { p_limit: number; p_queue: string; p_token: string }; Returns: Json };
      outbox_end: { Args: { p_has_failed?: boolean; p_queue: string; p_token: string }; Returns: boolean };
      outbox_extend: { Args: { p_queue: string; p_token: string }; Returns: undefined };
      outbox_look_again: { Args: { p_queue: string }; Returns: boolean };
      outbox_mark_sent: {
        Args: { p_ids: number[]; p_queue: string; p_step: string; p_token: string };
        Returns: number[];
      };
      outbox_record: { Args: { p_facts: Json; p_queue: string; p_token: string }; Returns: number[] };
      outbox_report_answer: { Args: { p_operations: string[]; p_queue: string }; Returns: undefined };
      outbox_report_fault: {
        Args: {
          p_cause_code: string;
          p_code: string;
          p_is_probe: boolean;
          p_message: string;
          p_message_ids: number[];
          p_operation: string;
          p_queue: string;
          p_told_wait_ms: number;
        };
        Returns: string;
      };
      outbox_reserve_slot: {
        Args: { p_max_wait_ms: number; p_queue: string; p_since_departure_ms: number; p_token: string };
        Returns: Json;
      };
      outbox_settle: { Args: { p_queue: string; p_results: Json; p_token: string }; Returns: number[] };
      short_link_make: {
        Args: {
          p_channel?: string;
          p_days?: number;
          p_is_trap?: boolean;
          p_lead_id?: string;
          p_message_id?: number;
          p_parameters?: Json;
          p_student_id?: string;
          p_target: string;
        };
        Returns: string;
      };
      sms_drain_begin: { Args: { p_project: string; p_token: string }; Returns: string };
      sms_drain_claim: { Args: { p_limit: number; p_token: string }; Returns: Json };
      sms_drain_intend: { Args: { p_body: string; p_id: number; p_token: string }; Returns: string };
      sms_drain_settle: { Args: { p_results: Json; p_token: string }; Returns: number[] };
      sms_parts: { Args: { p_text: string }; Returns: Record<string, unknown> };
      sms_record_balance: { Args: { p_balance: number; p_currency: string }; Returns: undefined };
      sms_record_hint: { Args: { p_event_id: string; p_mobizon_id: string }; Returns: string };
      sms_record_reports: { Args: { p_asked: string[]; p_reports: Json }; Returns: number };
      sms_release: { Args: { p_cancel?: boolean; p_id?: number }; Returns: number };
      sms_reports_due: { Args: { p_limit: number }; Returns: Json };
      sms_send_again: { Args: { p_id: number }; Returns: undefined };
      tripwire_admit: {
        Args: {
          p_email: string;
          p_full_name: string;
          p_granted_by: string;
          p_phone: string;
          p_user_id: string;
        };
        Returns: Json;
      };
      tripwire_begin_admission: {
        Args: { p_email: string; p_full_name: string; p_granted_by: string; p_phone: string };
        Returns: Json;
      };
      tripwire_certificate_check: {
        Args: { p_code: string };
        Returns: {
          course_title: string;
          full_name: string;
          is_valid: boolean;
          issued_on: string;
          number: string;
        }[];
      };
      tripwire_certificate_sheet: { Args: { p_code: string; p_user_id: string }; Returns: Json };
      tripwire_complete_lesson: {
        Args: { p_lesson_id: number };
        Returns: {
          completed_at: string;
          lesson_id: number;
          watched_seconds: number;
        }[];
      };
      tripwire_correct_email: { Args: { p_email: string; p_id: string }; Returns: Json };
      tripwire_watch: {
        Args: { p_lesson_id: number; p_watched_seconds: number };
        Returns: {
          completed_at: string;
          lesson_id: number;
          watched_seconds: number;
        }[];
      };
      tripwire_withdraw_admission: { Args: { p_created_user_id: string; p_email: string }; Returns: boolean };
      unisender_campaign_draft: {
        Args: { p_id: number; p_message_id: string; p_token: string };
        Returns: undefined;
      };
      unisender_campaign_intend: {
        Args: { p_id: number; p_start_at: string; p_token: string };
        Returns: boolean;
      };
      unisender_drain_begin: { Args: { p_project: string; p_token: string }; Returns: string };
      unisender_drain_claim: { Args: { p_limit: number; p_token: string }; Returns: Json };
      unisender_drain_settle: { Args: { p_results: Json; p_token: string }; Returns: number[] };
      unisender_list_store: { Args: { p_list_id: string }; Returns: undefined };
      unisender_looks_due: { Args: Record<PropertyKey, never>; Returns: Json };
      unisender_record_events: { Args: { p_events: Json; p_key: string }; Returns: string };
      unisender_record_look: {
        Args: { p_counted: number; p_id: string; p_is_canceled: boolean; p_status: string };
        Returns: undefined;
      };
      unisender_record_unsubscribed: { Args: { p_emails: string[] }; Returns: number };
      unisender_unsubscribed_read: { Args: Record<PropertyKey, never>; Returns: undefined };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {},
  },
} as const;
